import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { overviewPauseMs, readOverview } from '@/lib/http/overview';
import type { ReportSummary } from '@/lib/model/report';
import type { FinalExecutionStatus } from '@/lib/model/status';
import type { ExecutionFilter, Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { makeStepSpec } from '../support/plan';
import { claimedExecution, newExecution, planOf } from './make-execution';

let store: Store;
let close: () => Promise<void>;

beforeAll(async () => {
  // Every look at the clock is a millisecond later, so that no two executions are of the same age.
  let nowMs = Date.now();
  const clock = {
    ...systemClock,
    now: () => {
      nowMs += 1;
      return new Date(nowMs);
    },
  };
  ({ store, close } = await openTestStore({ clock }));
});
afterAll(() => close());

async function finish(
  claim: { id: string; fence: { owner: string; epoch: number } },
  status: FinalExecutionStatus,
) {
  await store.events.append(claim.id, [{ type: 'execution.finished', status, cause: null }], claim.fence);
}

async function listAll(filter: ExecutionFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.executions.list(filter, limit, cursor);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
}

test('a new execution is queued with its steps, its plan and event 1', async () => {
  const given = newExecution({ labels: { branch: 'main' }, steps: ['db', 'smoke'] });
  const { summary, created } = await store.executions.create(given);
  expect(created).toBe(true);
  expect(summary).toMatchObject({
    id: given.id,
    status: 'queued',
    stepCounts: { pending: 2 },
    lastEventSeq: 1,
  });
  expect(await store.executions.summary(given.id)).toEqual(summary);
  expect(await store.executions.plan(given.id)).toEqual(given.plan);
  const execution = await store.executions.get(given.id);
  expect(execution).toMatchObject({ ...summary, warnings: [], receipt: null });
  expect(execution?.steps.map((step) => [step.id, step.status, step.attempts])).toEqual([
    ['db', 'pending', []],
    ['smoke', 'pending', []],
  ]);
  expect(await store.events.read(given.id, 0, 10)).toMatchObject([{ type: 'execution.created', seq: 1 }]);
});

test('an execution without steps, and one of a thousand, can be made and read', async () => {
  const empty = newExecution({ steps: [] });
  expect((await store.executions.create(empty)).summary.stepCounts).toEqual({});
  expect((await store.executions.get(empty.id))?.steps).toEqual([]);
  const steps = Array.from({ length: 1_000 }, (_, index) => `step-${index}`);
  const wide = newExecution({ steps });
  await store.executions.create(wide);
  expect((await store.executions.get(wide.id))?.steps.map((step) => step.id)).toEqual(steps);
});

test('nobody is there: get, summary and plan answer null', async () => {
  expect(await store.executions.get('nobody')).toBeNull();
  expect(await store.executions.summary("' or 1=1--")).toBeNull();
  expect(await store.executions.plan('nobody')).toBeNull();
});

test('of ten launches at once with one idempotency key one is made and all answer it', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => store.executions.create(newExecution({ idempotencyKey: 'key-1' }))),
  );
  expect(new Set(answers.map((answer) => answer.summary.id)).size).toBe(1);
  expect(answers.filter((answer) => answer.created)).toHaveLength(1);
  const id = answers[0]?.summary.id ?? '';
  expect(await store.events.read(id, 0, 10)).toHaveLength(1);
  const other = newExecution({ idempotencyKey: 'key-1', requestHash: 'another' });
  await expect(store.executions.create(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
  expect(await store.executions.get(other.id)).toBeNull();
  const someoneElse = newExecution({ idempotencyKey: 'key-1', author: 'grace' });
  expect((await store.executions.create(someoneElse)).created).toBe(true);
});

test('two owners who claim at the same time never get the same execution, and get the oldest first', async () => {
  await store.executions.claim('drain', 60_000, 10_000);
  const made: string[] = [];
  for (let index = 0; index < 60; index += 1) {
    made.push((await store.executions.create(newExecution())).summary.id);
  }
  const claims = await Promise.all(
    Array.from({ length: 30 }, (_, index) => store.executions.claim(`owner-${index % 2}`, 60_000, 3)),
  );
  const ids = claims.flat().map((claim) => claim.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => made.includes(id))).toBe(true);
  ids.push(...(await store.executions.claim('owner-0', 60_000, 100)).map((claim) => claim.id));
  expect([...ids].sort()).toEqual([...made].sort());
  expect(await store.executions.claim('owner-0', 60_000, 100)).toEqual([]);
  const [older, newer] = [newExecution(), newExecution()];
  await store.executions.create(older);
  await store.executions.create(newer);
  expect((await store.executions.claim('owner-0', 60_000, 1)).map((claim) => claim.id)).toEqual([older.id]);
});

test('a running execution whose lease ran out is adopted with the next epoch, and the old owner has lost it', async () => {
  const { id, fence } = await claimedExecution(store, {}, 'old');
  await store.events.append(id, [{ type: 'execution.started', owner: 'old' }], fence);
  expect(await store.executions.renew('old', [{ id, epoch: fence.epoch }], 60_000)).toEqual([]);
  expect(await store.executions.claim('new', 60_000, 1_000)).toEqual([]);
  expect(await store.executions.renew('old', [{ id, epoch: fence.epoch }], 0)).toEqual([]);
  const adopted = await store.executions.claim('new', 60_000, 1_000);
  expect(adopted).toEqual([{ id, fence: { owner: 'new', epoch: fence.epoch + 1 }, adopted: true }]);
  expect(await store.executions.renew('old', [{ id, epoch: fence.epoch }], 60_000)).toEqual([id]);
  await expect(store.executions.release(id, fence)).rejects.toMatchObject({ code: 'fenced' });
});

test('a released execution can be claimed at once, a finished one never', async () => {
  const released = await claimedExecution(store);
  await store.executions.release(released.id, released.fence);
  const again = await store.executions.claim('next', 60_000, 1_000);
  expect(again).toMatchObject([{ id: released.id, adopted: false }]);
  const finished = await claimedExecution(store);
  await finish(finished, 'passed');
  expect(await store.executions.claim('next', 60_000, 1_000)).toEqual([]);
});

test('lists come newest first, page by page, under every filter', async () => {
  const suiteId = 'listed';
  const made: { id: string; status: string; createdAt: string }[] = [];
  for (const status of ['passed', 'failed', 'queued', 'failed', 'errored', 'passed', 'failed'] as const) {
    const labels = { team: status === 'failed' ? 'red' : 'blue' };
    if (status === 'queued') {
      made.unshift({ ...(await store.executions.create(newExecution({ suiteId, labels }))).summary, status });
      continue;
    }
    const claim = await claimedExecution(store, { suiteId, labels });
    await finish(claim, status);
    made.unshift({ ...(await store.executions.summary(claim.id)), status } as (typeof made)[number]);
  }
  const ids = (...statuses: string[]) =>
    made.filter((item) => statuses.includes(item.status)).map((item) => item.id);
  expect(await listAll({ suiteId }, 2)).toEqual(made.map((item) => item.id));
  expect(await listAll({ suiteId }, 7)).toEqual(made.map((item) => item.id));
  expect(await listAll({ suiteId, status: ['failed'] }, 2)).toEqual(ids('failed'));
  expect(await listAll({ suiteId, status: ['failed', 'errored', 'failed'] }, 3)).toEqual(
    ids('failed', 'errored'),
  );
  expect(await listAll({ suiteId, status: [] }, 3)).toEqual([]);
  expect(await listAll({ suiteId, label: { key: 'team', value: 'red' } }, 2)).toEqual(ids('failed'));
  expect(await listAll({ suiteId, label: { key: 'team', value: '"' } }, 2)).toEqual([]);
  const third = made[2]?.createdAt ?? '';
  expect(await listAll({ suiteId, createdAfter: third }, 100)).toEqual(
    made.filter((item) => item.createdAt >= third).map((item) => item.id),
  );
  expect(await listAll({ suiteId, createdBefore: third }, 100)).toEqual(
    made.filter((item) => item.createdAt < third).map((item) => item.id),
  );
  expect((await listAll({}, 50)).slice(0, 7)).toEqual(made.map((item) => item.id));
});

test('the list is searched by words, profile, person and branch, in pages of any size', async () => {
  const suiteId = 'searched';
  const made: { id: string; author: string; branch: string }[] = [];
  for (const [author, branch] of [
    ['ana', 'main'],
    ['ben', 'main'],
    ['ana', 'fix/Timeouts'],
    ['ana', 'main'],
  ] as const) {
    const claim = await claimedExecution(store, { suiteId, author, labels: { branch, team: 'pay_%' } });
    await finish(claim, branch === 'main' ? 'passed' : 'failed');
    made.unshift({ id: claim.id, author, branch });
  }
  const ids = (isWanted: (each: (typeof made)[number]) => boolean) =>
    made.filter(isWanted).map(({ id }) => id);
  for (const limit of [1, 2, 50]) {
    expect(await listAll({ suiteId, author: 'ana' }, limit)).toEqual(ids(({ author }) => author === 'ana'));
    expect(await listAll({ branch: 'fix/Timeouts' }, limit)).toEqual(ids(({ branch }) => branch !== 'main'));
    expect(await listAll({ suiteId, author: 'ana', branch: 'main', status: ['passed'] }, limit)).toEqual(
      ids((each) => each.author === 'ana' && each.branch === 'main'),
    );
    expect(await listAll({ words: ['SEARCHED', 'timeouts'] }, limit)).toEqual(
      ids(({ branch }) => branch !== 'main'),
    );
    expect(await listAll({ suiteId, words: ['pay_%'] }, limit)).toEqual(ids(() => true));
  }
  expect(await listAll({ suiteId, profile: 'default' }, 3)).toEqual(ids(() => true));
  expect(await listAll({ suiteId, profile: 'other' }, 3)).toEqual([]);
  expect(await listAll({ suiteId, author: 'ana', status: ['running'] }, 3)).toEqual([]);
  expect(await listAll({ suiteId, words: ['payX'] }, 3)).toEqual([]);
  expect(await listAll({ suiteId, branch: 'main', label: { key: 'branch', value: 'other' } }, 3)).toEqual([]);
  const scope = { except: ['*'], also: ['elsewhere'] };
  expect(await listAll({ suiteId, author: 'ana', scope }, 3)).toEqual([]);
});

test('a cursor that is not one of ours is refused', async () => {
  const forged = (text: string) => Buffer.from(text).toString('base64url');
  for (const cursor of ['', 'x', '%00', forged('2026-99-99T00:00:00.000Z abc'), forged("' or 1=1")]) {
    await expect(store.executions.list({}, 10, cursor)).rejects.toMatchObject({ code: 'bad_request' });
  }
});

test('the overview shows everything active and the newest finished ones, newest first', async () => {
  const before = await claimedExecution(store);
  const active = await claimedExecution(store);
  const after = await claimedExecution(store);
  await finish(after, 'passed');
  await finish(before, 'failed');
  const limits = { running: 10_000, queued: 10_000, finished: 1 };
  const { executions: shown, counts } = await store.executions.overview(limits);
  expect(counts.running).toBe(shown.filter(({ status }) => status === 'running').length);
  const ids = shown.map((summary) => summary.id);
  expect(ids).toContain(active.id);
  expect(ids).toContain(before.id);
  expect(ids).not.toContain(after.id);
  const times = shown.map((summary) => summary.createdAt);
  expect(times).toEqual([...times].sort().reverse());
  const { executions: more } = await store.executions.overview({ ...limits, finished: 2 });
  expect(more.map((summary) => summary.id)).toContain(after.id);
});

test('the overview of thousands in the queue is small, and counts them', async () => {
  const before = (await store.executions.overview({ running: 0, queued: 0, finished: 0 })).counts.queued;
  for (let made = 0; made < 300; made += 50)
    await Promise.all(Array.from({ length: 50 }, () => store.executions.create(newExecution())));
  const shown = await readOverview({ clock: systemClock, store }, null);
  expect(shown.counts.queued).toBe(before + 300);
  expect(shown.executions.filter(({ status }) => status === 'queued')).toHaveLength(20);
  const bytes = JSON.stringify(shown).length;
  expect(bytes).toBeLessThan(150_000);
  expect((bytes / overviewPauseMs(shown)) * 1_000).toBeLessThanOrEqual(20_000);
});

test('the runs of suites are the newest of each, newest first', async () => {
  const made: { id: string; createdAt: string }[] = [];
  for (const suiteId of ['runs-a', 'runs-b', 'runs-a', 'runs-a', 'runs-c']) {
    made.unshift((await store.executions.create(newExecution({ suiteId }))).summary);
  }
  const runs = await store.executions.runsOf(['runs-b', 'runs-a', 'runs-a', 'never'], 2);
  expect(runs.map(({ id, suiteId }) => [id, suiteId])).toEqual([
    [made[1]?.id, 'runs-a'],
    [made[2]?.id, 'runs-a'],
    [made[3]?.id, 'runs-b'],
  ]);
  expect(runs[0]).toEqual({
    id: made[1]?.id,
    suiteId: 'runs-a',
    status: 'queued',
    createdAt: made[1]?.createdAt,
    startedAt: null,
    finishedAt: null,
  });
  expect(await store.executions.runsOf([], 2)).toEqual([]);
});

test('the last passed reports of a step are those of the newest run of its suite and profile that passed', async () => {
  const report = (linesCovered: number): ReportSummary => ({
    ...{ format: 'lcov', attempt: 1, artifactId: 'a', path: 'lcov.info' },
    ...{ linesCovered, linesTotal: 10, branchesCovered: 0, branchesTotal: 0 },
  });
  const result = { exitCode: 0, signal: null, oomKilled: false, reason: null };
  const run = async (profile: string, status: 'passed' | 'failed', linesCovered: number) => {
    const { id, fence } = await claimedExecution(store, {
      plan: { ...planOf('covered', ['unit']), profile },
    });
    await store.events.append(
      id,
      [
        { type: 'step.report', stepId: 'unit', attempt: 1, report: report(linesCovered) },
        { type: 'step.finished', stepId: 'unit', status: 'passed', result },
        { type: 'execution.finished', status, cause: null },
      ],
      fence,
    );
  };
  const last = (profile: string, stepId = 'unit') =>
    store.executions.lastPassedReports({ suiteId: 'covered', profile, stepId });
  await run('default', 'passed', 1);
  await run('default', 'passed', 2);
  await run('default', 'failed', 3);
  await run('nightly', 'passed', 4);
  expect(await last('default')).toEqual([report(2)]);
  expect(await last('nightly')).toEqual([report(4)]);
  expect(await last('default', 'other')).toEqual([]);
  expect(await last('weekly')).toEqual([]);
});

test('the last spec that was saved for an attempt counts', async () => {
  const { id } = await claimedExecution(store, { steps: ['a'] });
  const [planned] = planOf('hello', ['a']).nodes;
  if (!planned) throw new Error('no node');
  const spec = (attempt: number, value: string) => ({
    executionId: id,
    suite: planOf('hello', []).suite,
    profile: 'default',
    runtimeProfile: 'default',
    stepId: 'a',
    attempt,
    index: 0,
    total: 1,
    env: { VALUE: value },
    secrets: {},
    headers: {},
    backend: { id: 'local', kind: 'local' as const },
    source: null,
    services: [],
    deadline: '2026-01-01T00:00:00.000Z',
    node: planned,
  });
  await store.executions.saveStepSpec(spec(2, 'second'));
  await store.executions.saveStepSpec(spec(1, 'old'));
  await store.executions.saveStepSpec(spec(1, 'new'));
  expect(await store.executions.stepSpecs(id, 'a')).toEqual([spec(1, 'new'), spec(2, 'second')]);
  expect(await store.executions.stepSpecs(id, 'b')).toEqual([]);
});

test('the secrets of a spec are stored masked', async () => {
  const { id } = await claimedExecution(store, { steps: ['a'] });
  const secrets = { TOKEN: 'hunter2-hunter2', KEY: 'hunter3-hunter3' };
  await store.executions.saveStepSpec(makeStepSpec({ executionId: id, stepId: 'a', secrets }));
  const [stored] = await store.executions.stepSpecs(id, 'a');
  expect(stored?.secrets).toEqual({ TOKEN: '***', KEY: '***' });
});
