import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makePlan } from '@/lib/planning/make-plan';
import { parseBy } from '@/lib/suites/file/parse';
import { step } from '@/lib/suites/file/schema/step';
import { suiteYaml } from '@/lib/suites/file/schema/suite-yaml';
import { readValid } from '../suites/suite-folder';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'SECURITY.md', 'docs/ci/README.md'].concat(
  readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);

it('docs/README.md leads to every page of the documentation', () => {
  const contents = read('docs/README.md');
  const lost = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(lost.filter((page) => !contents.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
});

it.each(pages)('%s links to files and headings that are there', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', heading] = link.split('#');
    const target = path.join(path.dirname(page), file);
    if (file !== '' && !existsSync(path.join(root, target))) return true;
    return heading !== undefined && !headingsOf(read(file === '' ? page : target)).includes(heading);
  });
  expect(broken).toEqual([]);
});

describe('docs/coming-from.md', () => {
  const cells = read('docs/coming-from.md')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...(line.split(/(?<!\\)\|/)[2] ?? '').matchAll(/`([a-z_]+: [^`…]+)`/g)])
    .map(([, code = '']) => code);
  it('has examples', () => expect(cells.length).toBeGreaterThan(10));
  it.each(cells)('shows keys that a suite may have: %s', (code) => {
    const keys = parse(code);
    const ofStep = ['service', 'test'].map((kind) => parseBy(step, { kind, run: 'a', ...keys }).issues);
    const ofSuite = parseBy(suiteYaml, { steps: { a: { kind: 'test', run: 'a' } }, ...keys }).issues;
    expect(
      [...ofStep, ofSuite].some((issues) => issues.length === 0),
      JSON.stringify(ofStep),
    ).toBe(true);
  });
});

it('docs/your-repository.md shows a suite that is read and planned without a complaint', () => {
  const [, content = ''] =
    /^```yaml\n# suite\.yaml\n([\s\S]*?)^```$/m.exec(read('docs/your-repository.md')) ?? [];
  const { warnings } = makePlan(readValid({ 'suite.yaml': content, 'smoke.test.js': '' }), {
    profile: null,
    platformEnv: {},
    env: {},
  });
  expect(warnings).toEqual([]);
});

/** The headings of a page, as a link names them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
