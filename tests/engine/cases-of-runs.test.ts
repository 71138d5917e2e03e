import { afterEach, describe, expect, it } from 'vitest';
import { compareCases } from '@/lib/http/case-details';
import type { ExportRule } from '@/lib/model/node';
import { listCases } from '../support/all-cases';
import { makePlan } from '../support/plan';
import { openWorld, type World } from './world';

let world: World | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

const exports: ExportRule[] = [{ path: 'j.xml', format: 'junit', on: 'always', required: true }];

/** A report with two cases, of which the named ones fail. */
function report(...failing: string[]): string {
  const cases = ['pays', 'ships'].map((name) =>
    failing.includes(name)
      ? `<testcase name="${name}"><failure message="expected 200, got 502"/></testcase>`
      : `<testcase name="${name}"/>`,
  );
  return `<testsuite name="shop">${cases.join('')}</testsuite>`;
}

interface End {
  failing: string[];
  exit?: number;
  /** Of the image that the step ran. */
  digest?: string;
}

/** Answers a function that makes the next run; each attempt takes the next end. */
async function openRuns(ends: End[], retries = 0) {
  const queue = [...ends];
  world = await openWorld({
    script: () => {
      const end = queue.shift() ?? { failing: [] };
      const digest = end.digest && `node@${end.digest}`;
      const image = digest ? { image: { name: 'node:22', id: null, digest, platform: null } } : {};
      return { artifacts: { 'j.xml': report(...end.failing) }, exitCode: end.exit ?? 0, ...image };
    },
  });
  world.startEngine();
  const { store, run } = world;
  const node = { id: 'unit', kind: 'test' as const, exports, retries: { max: retries, backoffMs: 1 } };
  return { cases: store.cases, run: () => run(makePlan({ nodes: [node] })) };
}

describe('the cases of runs', () => {
  it('are rows with the result of each run, and tell what became of them', async () => {
    const { cases, run } = await openRuns([
      { failing: ['pays'] },
      { failing: ['pays', 'ships'] },
      { failing: [] },
    ]);
    await run();
    const second = await run();
    const third = await run();
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    const compared = await compareCases(cases, second.id);
    expect(names(compared.newFailures)).toEqual(['ships']);
    expect(names(compared.stillFailing)).toEqual(['pays']);
    expect(compared.stillFailing[0]?.failures).toBe(2);
    expect(names((await compareCases(cases, third.id)).fixed)).toEqual(['pays', 'ships']);
    const { items } = await listCases(cases, { sort: 'name' });
    expect(items.map(({ name, figures }) => [name, figures.runs, figures.flaky.isFlaky])).toEqual([
      ['pays', 3, true],
      ['ships', 3, true],
    ]);
  });

  it('that a retry of the step mends are flaky, in the execution and in the history', async () => {
    const { cases, run } = await openRuns([{ failing: ['pays'], exit: 1 }, { failing: [] }], 1);
    const execution = await run();
    expect([execution.status, execution.flakyCases]).toEqual(['passed', 1]);
    const compared = await compareCases(cases, execution.id);
    expect(compared.flaky.map(({ name }) => name)).toEqual(['pays']);
  });

  it('name the image that a tag came to mean when a failure begins with it', async () => {
    const { cases, run } = await openRuns([
      { failing: [], digest: 'sha256:1' },
      { failing: ['pays'], exit: 1, digest: 'sha256:2' },
    ]);
    await run();
    await run();
    const [pays] = (await listCases(cases, { q: 'pays' })).items;
    expect(pays?.figures.streak?.changes).toEqual([
      { what: 'image', stepId: 'unit', before: 'node:22@sha256:1', after: 'node:22@sha256:2' },
    ]);
  });

  it('do not fail a run while they are muted, and are shown and counted', async () => {
    const { cases, run } = await openRuns([
      { failing: ['pays'], exit: 1 },
      { failing: ['pays'], exit: 1 },
      { failing: ['pays', 'ships'], exit: 1 },
      { failing: ['pays'], exit: 1 },
    ]);
    expect((await run()).status).toBe('failed');
    const [pays] = (await listCases(cases, { q: 'pays' })).items;
    const mute = { reason: 'known', ticket: null, expiresAt: '2999-01-01T00:00:00.000Z', createdBy: 'ada' };
    await cases.mute(pays?.id ?? '', mute);
    const muted = await run();
    expect(muted.status).toBe('passed');
    const [step] = muted.steps;
    expect(step?.reports).toMatchObject([
      { failed: 1, muted: { failed: 1, errored: 0 }, failures: [{ name: 'pays', isMuted: true }] },
    ]);
    expect(step?.attempts[0]?.warnings).toContain('1 failed case is muted in j.xml');
    const failed = await run();
    expect(failed.cause?.sentence).toContain(
      '1 of 2 cases failed. First: shop › ships: expected 200, got 502',
    );
    expect((await listCases(cases, { state: 'muted' })).items.map(({ name }) => name)).toEqual(['pays']);
    await cases.mute(pays?.id ?? '', { ...mute, expiresAt: '2001-01-01T00:00:00.000Z' });
    expect((await run()).status).toBe('failed');
    expect((await listCases(cases, { state: 'muted' })).items).toEqual([]);
  });
});
