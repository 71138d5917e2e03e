import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtifactCollector } from '@/lib/engine/artifacts';
import { parseReport } from '@/lib/engine/reports/parse-report';
import { createMasker } from '@/lib/model/masker';
import type { ExportRule } from '@/lib/model/node';
import type { ArtifactStore, Store } from '@/lib/store/store';
import { openTestStore, silentLogger } from '../support/database';
import { createFakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';

let store: Store;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
});
afterAll(() => close());

const rule = (path: string, more: Partial<ExportRule> = {}): ExportRule => ({
  path,
  format: 'file',
  on: 'always',
  required: false,
  ...more,
});

let count = 0;

async function open(
  rules: ExportRule[],
  given: { maxBytes?: number; artifacts?: ArtifactStore; secrets?: string[] } = {},
) {
  count += 1;
  const id = `execution${count}`.padEnd(16, 'x');
  await store.executions.create({
    id,
    plan: makePlan({ nodes: [{ id: 's' }] }),
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    author: 'ada',
    labels: {},
    env: {},
    idempotencyKey: null,
    requestHash: '',
  });
  const collector = createArtifactCollector(
    {
      clock: createFakeClock(),
      logger: silentLogger,
      artifacts: given.artifacts ?? store.artifacts,
      reports: { parse: async (input) => parseReport(input) },
    },
    {
      executionId: id,
      stepId: 's',
      attempt: 1,
      maxBytes: given.maxBytes ?? 1024 * 1024,
      abandoned: new AbortController().signal,
      masker: createMasker(given.secrets ?? []),
      noSpaceMs: 60_000,
    },
    rules,
  );
  return {
    collector,
    async take(path: string, text: string, format: ExportRule['format'] = 'file') {
      await collector.take({ path, format, bytes: Buffer.byteLength(text), content: once(text) });
    },
    stored: async () => (await store.artifacts.list(id)).map(({ path }) => path).sort(),
    async content(path: string) {
      const artifact = (await store.artifacts.list(id)).find((each) => each.path === path);
      const opened = artifact && (await store.artifacts.open(id, artifact.id));
      let text = '';
      for await (const chunk of opened?.content ?? []) text += Buffer.from(chunk).toString();
      return text;
    },
  };
}

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

const goodJunit = '<testsuite name="s"><testcase name="a"/></testsuite>';

describe('what an attempt exports', () => {
  it('is stored, and reports are parsed and stored whole', async () => {
    const { collector, take, stored, content } = await open([
      rule('out'),
      rule('*.xml', { format: 'junit' }),
    ]);
    await take('out/a.txt', 'hello');
    await take('j.xml', goodJunit, 'junit');
    expect(collector.reports()).toMatchObject([{ format: 'junit', path: 'j.xml', total: 1, passed: 1 }]);
    const { events, problems, warnings } = await collector.settle('success');
    expect(events.map(({ type }) => type)).toEqual(['step.artifact', 'step.artifact', 'step.report']);
    expect([problems, warnings]).toEqual([[], []]);
    expect(await stored()).toEqual(['j.xml', 'out/a.txt']);
    expect(await content('out/a.txt')).toBe('hello');
    const id = collector.reports()[0]?.artifactId ?? '';
    expect(await store.artifacts.report(id)).toMatchObject({ cases: [{ name: 'a' }] });
  });

  it.each([
    ['success', ['always.txt', 'both.txt', 'success.txt']],
    ['failure', ['always.txt', 'both.txt', 'failure.txt']],
  ] as const)('is kept on %s only when a rule wants it then', async (on, kept) => {
    const { collector, take, stored } = await open([
      rule('always.txt'),
      rule('success.txt', { on: 'success' }),
      rule('failure.txt', { on: 'failure' }),
      rule('both.*', { on: 'success' }),
      rule('both.txt', { on: 'failure' }),
    ]);
    for (const name of ['always', 'success', 'failure', 'both']) await take(`${name}.txt`, name);
    const { events } = await collector.settle(on);
    expect(await stored()).toEqual(kept);
    expect(events).toHaveLength(kept.length);
  });

  it('is missed when it was required, on that end only', async () => {
    const rules = [
      rule('j.xml', { format: 'junit', required: true }),
      rule('dump/*', { on: 'failure', required: true }),
      rule('maybe.txt'),
    ];
    const { collector } = await open(rules);
    expect((await collector.settle('success')).problems).toEqual([
      'the required report j.xml was not written',
    ]);
    expect((await (await open(rules)).collector.settle('failure')).problems).toEqual([
      'the required report j.xml was not written',
      'the required file dump/* was not written',
    ]);
  });

  it('is kept and complained of when it is no report', async () => {
    const { collector, take, stored } = await open([rule('*.xml', { format: 'junit', required: true })]);
    await take('bad.xml', '<testsuite>', 'junit');
    expect(collector.reports()).toEqual([]);
    expect((await collector.settle('success')).problems).toEqual([
      "the report bad.xml is not valid JUnit: line 1: Unclosed tag 'testsuite'.",
    ]);
    expect(await stored()).toEqual(['bad.xml']);
  });

  it('is told when it is too large: it fails the step where it was required, else it is a warning', async () => {
    const { collector, take, stored } = await open([rule('a.bin', { required: true }), rule('b.bin')], {
      maxBytes: 10,
    });
    await take('a.bin', 'x'.repeat(11));
    await take('b.bin', 'x'.repeat(11));
    const { problems, warnings, events } = await collector.settle('success');
    expect(problems).toEqual([expect.stringMatching(/^the required a\.bin could not be kept: .*10/)]);
    expect(warnings).toEqual([expect.stringMatching(/^b\.bin could not be kept: /)]);
    expect(events).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  it('is masked, its name too', async () => {
    const { collector, take, content } = await open([rule('**')], { secrets: ['hunter22'] });
    await take('for-hunter22.txt', 'it is hunter22');
    await collector.settle('success');
    expect(await content('for-***.txt')).toBe('it is ***');
  });
});
