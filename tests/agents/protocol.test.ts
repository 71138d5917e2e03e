import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { neededAbilities } from '@/lib/model/agent';
import { startControlPlane, type TestControlPlane } from './control-plane';
import { clearJobs, type PlainAgent, plainAgent, queueJob, timePasses } from './plain-agent';

let plane: TestControlPlane;
let ada: PlainAgent;
let bob: PlainAgent;

beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '60' });
  ada = await plainAgent(plane, 'ada');
  bob = await plainAgent(plane, 'bob');
});
afterEach(clearJobs);
afterAll(() => plane.close());

const limits = { maxDeliveries: 3, offlineAfterMs: 3_000 };
const expire = () => plane.server().store.jobs.expire(limits);
/** That an agent was heard is written a moment after its request, and would undo what the test says of its silence. */
const onceAdaIsSilent = <T>(look: () => Promise<T>) =>
  vi.waitFor(
    async () => {
      await timePasses({ agent: 'ada' });
      await expire();
      return look();
    },
    { timeout: 60_000, interval: 100 },
  );
const stateOf = (jobId: string) => plane.server().store.jobs.get(jobId);
const linesOf = async (jobId: string) =>
  (await plane.server().store.jobs.lines(jobId, 0)).flatMap(({ lines }) => lines.map(({ text }) => text));
const line = (text: string) => ({ stream: 'stdout', atMs: 0, text });
const outcome = (exitCode: number) => ({
  outcome: { ended: 'exited', exitCode, signal: null, oomKilled: false, reason: null, warnings: [] },
});

/** 409 with the code, and nothing of the job has changed. */
async function expectStale(response: Response): Promise<void> {
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ code: 'stale_fence' });
}

describe('a plain client', () => {
  it('runs a task to its end with the five steps alone', async () => {
    const { jobId } = await queueJob(plane);
    const job = await ada.take();
    expect(job).toMatchObject({
      id: jobId,
      attempt: 1,
      leaseMs: 60_000,
      spec: { node: { command: ['true'] } },
    });
    expect(await (await ada.say(jobId, 'lease', {})).json()).toMatchObject({
      leaseMs: 60_000,
      desired: 'run',
    });
    expect((await ada.say(jobId, 'state', { state: 'running', message: 'here we go' })).status).toBe(200);
    expect(await (await ada.say(jobId, 'logs', { line: 'hello' })).json()).toEqual({ ackedSeq: 1 });
    expect((await ada.say(jobId, 'complete', {})).status).toBe(200);
    expect(await stateOf(jobId)).toMatchObject({ state: 'done', isRunning: true, result: outcome(0) });
    expect(await linesOf(jobId)).toEqual(['hello']);
    expect((await ada.claim()).status).toBe(204);
  });

  it('says with `error` what went wrong', async () => {
    const { jobId } = await queueJob(plane);
    await ada.take();
    await ada.say(jobId, 'complete', { error: 'no such program' });
    expect(await stateOf(jobId)).toMatchObject({
      result: { outcome: { exitCode: 1, reason: 'no such program' } },
    });
  });
});

describe('claims', () => {
  it('go in order of creation, each job to one, and are woken by a new one', async () => {
    const first = await queueJob(plane);
    const second = await queueJob(plane);
    const taken = await Promise.all([ada.take(), bob.take()]);
    expect(taken.map(({ id }) => id).sort()).toEqual([first.jobId, second.jobId].sort());
    const waiting = ada.take({ waitMs: 20_000 });
    const { jobId } = await queueJob(plane);
    expect((await waiting).id).toBe(jobId);
  });

  it('that are repeated after a lost answer get the same job and no other', async () => {
    const { jobId } = await queueJob(plane);
    await queueJob(plane);
    const claimId = 'the-answer-was-lost';
    const first = await ada.take({ claimId });
    expect(await ada.take({ claimId })).toEqual(first);
    expect(first).toMatchObject({ id: jobId, delivery: 1 });
    await bob.take();
  });

  it('of one who has left get nothing', async () => {
    await ada.claim();
    const gone = new AbortController();
    const order = {
      agentId: ada.id,
      tokenId: ada.tokenId,
      instance: null,
      claimId: null,
      kind: 'step',
      waitMs: 20_000,
    } as const;
    const waiting = plane.server().jobDispatcher.claim({ ...order, signal: gone.signal });
    const other = bob.take({ waitMs: 20_000 });
    gone.abort();
    expect(await waiting).toBeNull();
    const { jobId } = await queueJob(plane);
    expect(await other).toMatchObject({ id: jobId, delivery: 1 });
  });

  it('need the tags, and later steps go to whoever has the environment', async () => {
    const instance = 'instance-1';
    const agent = { agentId: 'bob', instance, tags: ['gpu', 'linux'], capacity: 2, version: '1' };
    expect((await plane.post('/api/v1/agents/register', agent, bob.token)).status).toBe(200);
    const { jobId, executionId } = await queueJob(plane, { tags: ['gpu'] });
    expect((await ada.claim()).status).toBe(204);
    expect((await bob.take()).id).toBe(jobId);
    const untagged = await queueJob(plane);
    const next = await queueJob(plane, { executionId, node: { id: 'next' } });
    expect((await ada.take()).id).toBe(untagged.jobId);
    expect((await ada.claim()).status).toBe(204);
    expect((await bob.take()).id).toBe(next.jobId);
  });

  it('that an older agent would do by halves wait for a newer one', async () => {
    const build = { context: '.', dockerfile: 'Dockerfile', inline: null, target: null, args: {} };
    const tags = neededAbilities([{ build }]);
    expect(neededAbilities([{ build: null, inputs: [], outputs: false }])).toEqual([]);
    for (const also of [{ inputs: [{ from: 'a', path: '**', to: '/work' }] }, { outputs: true }])
      expect(neededAbilities([{ build: null, ...also }])).toEqual(tags);
    const { jobId } = await queueJob(plane, { tags });
    const agent = { agentId: 'bob', instance: 'instance-1', tags: ['gpu'], capacity: 2, version: '0.3.9' };
    await plane.post('/api/v1/agents/register', agent, bob.token);
    expect((await bob.claim()).status).toBe(204);
    expect((await ada.claim()).status).toBe(204);
    await plane.post('/api/v1/agents/register', { ...agent, version: '0.4.0' }, bob.token);
    expect((await bob.take()).id).toBe(jobId);
    const { items } = await (await plane.call('/api/v1/agents')).json();
    expect(items.find(({ id }: { id: string }) => id === 'bob')).toMatchObject({ tags: ['gpu'] });
  });

  it('of a drained agent get what it has begun and nothing new', async () => {
    const begun = await queueJob(plane);
    await ada.take();
    expect((await plane.post('/api/v1/agents/ada/drain', { reason: 'new disk' })).status).toBe(204);
    const next = await queueJob(plane, { executionId: begun.executionId, node: { id: 'next' } });
    const fresh = await queueJob(plane);
    expect((await ada.take()).id).toBe(next.jobId);
    expect((await ada.claim()).status).toBe(204);
    const { items } = await (await plane.call('/api/v1/agents')).json();
    expect(items.find(({ id }: { id: string }) => id === 'ada')).toMatchObject({
      state: 'draining',
      drain: { reason: 'new disk', by: 'bootstrap' },
    });
    const waiting = ada.take({ waitMs: 20_000 });
    await plane.post('/api/v1/agents/ada/drain', { drained: false });
    expect((await waiting).id).toBe(fresh.jobId);
  });
});

describe('the fence', () => {
  it('takes one result, the same again as often as it comes, and no other', async () => {
    const { jobId } = await queueJob(plane);
    const { leaseToken } = await ada.take();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ada.say(jobId, 'complete', { leaseToken, ...outcome(0) })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(texts).size).toBe(1);
    const other = await ada.say(jobId, 'complete', { leaseToken, ...outcome(1) });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'conflict' });
    expect(await stateOf(jobId)).toMatchObject({ result: outcome(0) });
  });

  it('keeps out who held the job before, whatever they say', async () => {
    const { jobId } = await queueJob(plane);
    const old = await ada.take();
    await timePasses({ lease: jobId });
    await expectStale(await ada.say(jobId, 'lease', { leaseToken: old.leaseToken }));
    await expectStale(await ada.say(jobId, 'complete', { leaseToken: old.leaseToken, ...outcome(0) }));
    const now = await onceAdaIsSilent(() => bob.take());
    expect(now).toMatchObject({ id: jobId, delivery: 2 });
    for (const token of [old.leaseToken, undefined]) {
      const leaseToken = token ? { leaseToken: token } : {};
      await expectStale(await ada.say(jobId, 'lease', leaseToken));
      await expectStale(await ada.say(jobId, 'state', { ...leaseToken, state: 'running' }));
      await expectStale(await ada.say(jobId, 'logs', { ...leaseToken, line: 'late' }));
      await expectStale(await ada.say(jobId, 'complete', { ...leaseToken, ...outcome(1) }));
    }
    await expectStale(await bob.say(jobId, 'lease', { leaseToken: old.leaseToken }));
    expect(await stateOf(jobId)).toMatchObject({
      state: 'leased',
      agentId: 'bob',
      isRunning: false,
      logSeq: 0,
    });
    expect((await bob.say(jobId, 'complete', { leaseToken: now.leaseToken, ...outcome(0) })).status).toBe(
      200,
    );
  });

  it('ends a job that was delivered three times and never ended', async () => {
    const { jobId } = await queueJob(plane);
    for (const delivery of [1, 2, 3]) {
      expect(await ada.take()).toMatchObject({ id: jobId, delivery });
      await timePasses({ lease: jobId });
      await expire();
    }
    expect((await ada.claim()).status).toBe(204);
    expect(await stateOf(jobId)).toMatchObject({
      state: 'done',
      result: {
        failure: { code: 'agent_lost', message: expect.stringMatching(/^agent lost: agent ada .*3/) },
      },
    });
  });

  it('does not run a step again whose services are gone with their agent', async () => {
    const service = await queueJob(plane, { node: { id: 'db', kind: 'service' } });
    await ada.take();
    await ada.say(service.jobId, 'state', { state: 'ready' });
    const test = await queueJob(plane, { executionId: service.executionId, node: { id: 'test' } });
    await ada.take();
    await timePasses({ lease: test.jobId });
    await timePasses({ agent: 'ada' });
    await expire();
    expect((await bob.claim()).status).toBe(204);
    await timePasses({ lease: service.jobId });
    await onceAdaIsSilent(async () => {
      for (const { jobId } of [service, test]) {
        expect(await stateOf(jobId)).toMatchObject({
          state: 'done',
          result: { failure: { code: 'agent_lost' } },
        });
      }
    });
    const later = await queueJob(plane, { executionId: service.executionId, node: { id: 'later' } });
    await expire();
    expect(await stateOf(later.jobId)).toMatchObject({
      state: 'done',
      result: { failure: { code: 'agent_lost' } },
    });
  });

  it('repeats what is wanted until it is done, and says it at once to one who waits', async () => {
    const { jobId } = await queueJob(plane);
    await ada.take();
    const waiting = ada.say(jobId, 'lease', { waitMs: 20_000 });
    await plane.server().store.jobs.setDesired(jobId, 'cancel', 700);
    expect(await (await waiting).json()).toEqual({ leaseMs: 60_000, desired: 'cancel', graceMs: 700 });
    expect(await (await ada.say(jobId, 'lease', { waitMs: 20_000 })).json()).toMatchObject({
      desired: 'cancel',
    });
    await ada.say(jobId, 'complete', {});
  });
});

describe('what comes in', () => {
  it('stores lines once and in order, however they come', async () => {
    const { jobId } = await queueJob(plane);
    const { leaseToken } = await ada.take();
    const send = async (firstSeq: number, ...texts: string[]) =>
      (await ada.say(jobId, 'logs', { leaseToken, firstSeq, lines: texts.map(line) })).json();
    expect(await send(1, 'a', 'b')).toEqual({ ackedSeq: 2 });
    expect(await send(1, 'a', 'b')).toEqual({ ackedSeq: 2 });
    expect(await send(5, 'e')).toEqual({ ackedSeq: 2 });
    expect(await send(2, 'b', 'c', 'd')).toEqual({ ackedSeq: 4 });
    await Promise.all(Array.from({ length: 5 }, () => send(5, 'e', 'f')));
    expect(await linesOf(jobId)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('takes a file whole or not at all', async () => {
    const { jobId } = await queueJob(plane);
    const { leaseToken } = await ada.take();
    const send = (sha256: string) =>
      plane.call(
        `/agent-control/jobs/${jobId}/artifacts?${new URLSearchParams({ agentId: 'ada', path: 'a/b.txt', format: 'file', sha256 })}`,
        {
          method: 'POST',
          body: 'content',
          token: ada.token,
          headers: { 'x-gantry-lease-token': leaseToken },
        },
      );
    expect((await send('0'.repeat(64))).status).toBe(400);
    expect(await storedFiles(plane, jobId)).toEqual([]);
    const sha256 = createHash('sha256').update('content').digest('hex');
    for (const _ of [1, 2]) expect((await send(sha256)).status).toBe(201);
    expect(await storedFiles(plane, jobId)).toEqual([
      { path: 'a/b.txt', format: 'file', bytes: 7, sha256, content: 'content' },
    ]);
  });

  it('takes small files at once, all or none', async () => {
    const { jobId } = await queueJob(plane);
    const { leaseToken } = await ada.take();
    const send = (files: object[]) => ada.say(jobId, 'artifacts/batch', { leaseToken, files });
    const file = (path: string, content: string) => ({
      path,
      format: 'file',
      sha256: createHash('sha256').update(content).digest('hex'),
      content: Buffer.from(content).toString('base64'),
    });
    const damaged = { ...file('damaged.txt', 'one'), sha256: file('', 'another').sha256 };
    const refused = await send([file('whole.txt', 'whole'), damaged]);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('damaged.txt came with the digest');
    expect(await storedFiles(plane, jobId)).toEqual([]);

    const many = Array.from({ length: 500 }, (_, index) => file(`z/${499 - index}.txt`, `content ${index}`));
    for (const _ of [1, 2]) expect((await send(many)).status).toBe(201);
    expect((await send([file('empty.txt', ''), file('z/0.txt', 'new')])).status).toBe(201);
    const stored = await storedFiles(plane, jobId);
    // In the order in which they came; one that came again comes last.
    expect(stored.map(({ path }) => path)).toEqual([
      ...many.map(({ path }) => path).filter((path) => path !== 'z/0.txt'),
      'empty.txt',
      'z/0.txt',
    ]);
    expect(stored.at(0)?.content).toBe('content 0');
    expect(stored.slice(-2).map(({ content }) => content)).toEqual(['', 'new']);
    expect((await send(Array.from({ length: 501 }, () => file('a', 'a')))).status).toBe(400);
    expect((await send([file('large.txt', 'x'.repeat(256 * 1024 + 3))])).status).toBe(400);
  });
});

async function storedFiles(of: TestControlPlane, jobId: string) {
  const files = [];
  for await (const { content, ...file } of of.server().store.jobs.openArtifacts(jobId))
    files.push({ ...file, content: await text(Readable.from(content)) });
  return files;
}
