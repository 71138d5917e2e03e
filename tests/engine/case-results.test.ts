import { expect, test } from 'vitest';
import { caseIdOf } from '@/lib/engine/cases/case-id';
import { resultsOf } from '@/lib/engine/cases/case-results';
import { fingerprintOf, normalizeMessage } from '@/lib/engine/cases/fingerprint';
import { createReportBuilder } from '@/lib/engine/reports/cases/report-builder';

const origin = {
  executionId: 'e1',
  suiteId: 'shop',
  stepId: 'tests',
  attempt: 1,
  path: 'junit.xml',
  artifactId: 'a1',
  at: '2026-01-01T00:00:00.000Z',
  inputs: { profile: 'default', packageDigest: 'sha256:1', images: {} },
};

test.each([
  ['expected 200, got 502', 'expected <number>, got <number>'],
  ['order 7f3a9c1e2b is gone', 'order <id> is gone'],
  ['user 1b4e28ba-2fa1-11d2-883f-0016d3cca427 has no cart', 'user <id> has no cart'],
  ['connect ECONNREFUSED 10.0.0.7:5432', 'connect econnrefused <address>'],
  ['connect ECONNREFUSED ::1:5432', 'connect econnrefused <address>'],
  ['at 2026-11-29T18:50:03.120Z it was 12:30:01', 'at <time> it was <time>'],
  ['Segfault at 0x7ffe12ab', 'segfault at <address>'],
  ['a  missing\n header', 'a missing header'],
])('of the message %j only %j counts', (message, normal) => {
  expect(normalizeMessage(message)).toBe(normal);
});

test('messages that differ in words have different fingerprints, and no message has none', () => {
  expect(fingerprintOf('expected 1 item')).toBe(fingerprintOf('expected 20 item'));
  expect(fingerprintOf('expected 1 item')).not.toBe(fingerprintOf('expected 1 order'));
  expect(fingerprintOf(null)).toBeNull();
});

test('the id of a case depends on suite, step and identity, and not on the order of parameters', () => {
  const identity = {
    file: 'a.ts',
    path: ['cart'],
    className: null,
    name: 'pays',
    parameters: { a: '1', b: '2' },
  };
  const id = caseIdOf('shop', 'tests', identity);
  expect(id).toMatch(/^c[0-9a-f]{25}$/);
  expect(caseIdOf('shop', 'tests', { ...identity, parameters: { b: '2', a: '1' } })).toBe(id);
  const others = [
    caseIdOf('other', 'tests', identity),
    caseIdOf('shop', 'more', identity),
    caseIdOf('shop', 'tests', { ...identity, file: 'b.ts' }),
    caseIdOf('shop', 'tests', { ...identity, path: [] }),
    caseIdOf('shop', 'tests', { ...identity, parameters: { a: '1' } }),
  ];
  expect(new Set([id, ...others]).size).toBe(6);
});

test('a case that a report names twice is one result, of which the failure counts', () => {
  const builder = createReportBuilder('junit');
  builder.add({ name: 'pays', status: 'failed', message: 'no 1' });
  builder.add({ name: 'pays', status: 'passed' });
  builder.add({ name: 'ships', status: 'passed', attempts: [{ status: 'failed', message: 'late' }] });
  const { results } = resultsOf(origin, builder.finish(null));
  expect(results.map(({ name, tries }) => [name, tries.map(({ status }) => status)])).toEqual([
    ['pays', ['passed', 'failed']],
    ['ships', ['failed', 'passed']],
  ]);
  expect(results[0]?.tries[1]).toMatchObject({ message: 'no 1', fingerprint: fingerprintOf('no 2') });
});
