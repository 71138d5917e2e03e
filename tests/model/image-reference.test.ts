import { describe, expect, it } from 'vitest';
import { image } from '@/lib/suites/file/schema/program-keys';

const digest = `sha256:${'0'.repeat(64)}`;

describe('the image of a step', () => {
  it.each([
    'node',
    'node:22',
    'gantry/toolbox:local',
    'a.b_c__d---e/f:Tag_1.2-x',
    'localhost:5000/team/app',
    'Registry.Example.com/team/app:1',
    `node:22@${digest}`,
    `registry.example:5000/a/b@${digest}`,
    digest,
  ])('may be %s', (text) => {
    expect(image.parse(text)).toBe(text);
  });

  it.each([
    'a/../../containers/x',
    'a/./b',
    'a//b',
    '../a',
    '/a',
    'a/',
    'a/json?x',
    'a#b',
    'a%2e',
    'a b',
    'Node:22',
    'a:',
    'a@sha256:1',
    `a:${'t'.repeat(129)}`,
    'a:b:c',
    '',
  ])('may not be %s', (text) => {
    expect(image.safeParse(text).success).toBe(false);
  });

  it('is read in no time, whatever it is', () => {
    const began = process.cpuUsage();
    for (const text of [`${'a-'.repeat(249)}!`, `${'a'.repeat(499)}!`, `${'a.'.repeat(249)}!`])
      image.safeParse(text);
    // Of a processor: what else runs on the machine does not count. An expression that goes back takes hours.
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(1_000);
  });
});
