import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExecOutput } from '@/lib/backends/backend';
import { createRemoteBackend } from '@/lib/backends/remote/remote-backend';
import { type Clock, systemClock } from '@/lib/clock';
import type { ExecJob } from '@/lib/model/job';
import { newExecution } from '../store/make-execution';
import { createFakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';
import { silentLogger } from '../support/silent-logger';
import { storedOfCommands } from './commands';
import { startControlPlane, type TestControlPlane } from './control-plane';
import { onDatabase, type PlainAgent, plainAgent, timePasses } from './plain-agent';

const values = { GIVEN_SECRET: 'the value that ada was given', LATER_SECRET: 'the value of a later step' };
const remote = { id: 'remote-agent', kind: 'remote-agent', label: 'Remote agents' } as const;

let plane: TestControlPlane;
let ada: PlainAgent;
let executionId = '';

beforeAll(async () => {
  Object.assign(process.env, values);
  plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '60' });
  ada = await plainAgent(plane, 'ada');
  await register('instance-0');
  // She has its first step, and the second one waits for that.
  const plan = makePlan({
    nodes: [
      { id: 'first', secrets: [{ key: 'KEY', from: 'env:GIVEN_SECRET' }] },
      { id: 'second', after: ['first'], secrets: [{ key: 'KEY', from: 'env:LATER_SECRET' }] },
    ],
  });
  const { summary } = await plane.server().store.executions.create(newExecution({ plan, backend: remote }));
  executionId = summary.id;
  expect(await ada.take({ waitMs: 20_000 })).toMatchObject({ spec: { stepId: 'first' } });
});
afterEach(() => onDatabase((sql) => sql`delete from agent_jobs where kind = 'exec'`));
afterAll(async () => {
  await plane?.close();
  for (const name of Object.keys(values)) delete process.env[name];
});

async function register(instance: string): Promise<void> {
  const agent = { agentId: 'ada', instance, tags: [], capacity: 1, version: '0.3.0' };
  expect((await plane.post('/api/v1/agents/register', agent, ada.token)).status).toBe(200);
}

/** As a control plane asks for it; no agent but the test is there to run it. */
function ask(command: string, clock: Clock = systemClock) {
  const { store } = plane.server();
  const backend = createRemoteBackend(
    { clock, logger: silentLogger, ...store },
    { id: 'remote-agent', offlineAfterMs: 60_000 },
  );
  const left = new AbortController();
  const printed: ExecOutput[] = [];
  const ended = backend.exec?.(
    executionId,
    'container',
    command,
    (output) => printed.push(output),
    left.signal,
  );
  if (!ended) throw new Error('the backend runs no commands');
  ended.catch(() => undefined);
  return { printed, ended, leave: () => left.abort() };
}

const claim = (more: object = {}) => ada.claim({ kind: 'control', waitMs: 20_000, ...more });

async function take(more: object = {}): Promise<ExecJob> {
  const response = await claim(more);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()).job;
}

async function expectNothing(): Promise<void> {
  expect((await claim({ waitMs: 0 })).status).toBe(204);
}

const chunk = (stream: 'stdout' | 'stderr', text: string) => ({ stream, atMs: 0, text });

describe('a command', () => {
  it('is handed out with the secrets of steps that the agent was given, and its end is told', async () => {
    const asked = ask('echo "a command"');
    const { id, leaseToken, ...job } = await take();
    expect(job).toMatchObject({
      kind: 'exec',
      executionId,
      resource: 'container',
      command: 'echo "a command"',
      leaseMs: 15_000,
      secrets: [values.GIVEN_SECRET],
    });
    await ada.say(id, 'state', { leaseToken, state: 'running' });
    const lines = [chunk('stdout', 'a\nb'), chunk('stderr', '\n'), chunk('stdout', 'c')];
    expect((await ada.say(id, 'logs', { leaseToken, firstSeq: 1, lines })).status).toBe(200);
    await ada.say(id, 'complete', { leaseToken, executed: { exitCode: 7 } });
    expect(await asked.ended).toEqual({ exitCode: 7 });
    expect(asked.printed).toEqual(lines.map(({ stream, text }) => ({ stream, text })));
    expect(await storedOfCommands()).toEqual([]);
  });

  it('lies in the database until it runs, and no secret does, whatever an agent says', async () => {
    const asked = ask('the text of a command');
    const { id, leaseToken } = await take();
    expect((await storedOfCommands()).join()).toContain('the text of a command');
    await ada.say(id, 'state', { leaseToken, state: 'running' });
    const lines = Object.values(values).map((value) => chunk('stdout', `so ${value}!\n`));
    await ada.say(id, 'logs', { leaseToken, firstSeq: 1, lines });
    const stored = (await storedOfCommands()).join();
    expect(stored).toContain('so ***!');
    for (const text of [...Object.values(values), 'the text of a command'])
      expect(stored).not.toContain(text);
    await ada.say(id, 'complete', { leaseToken, executed: { exitCode: 0 } });
    await asked.ended;
    expect(asked.printed.map(({ text }) => text)).toEqual(['so ***!\n', 'so ***!\n']);
  });

  it('whose claim was lost is given to the same claim again, and to none once it runs', async () => {
    const asked = ask('echo once');
    const claimId = 'the-answer-was-lost';
    const job = await take({ claimId });
    expect(await take({ claimId })).toEqual(job);
    await expectNothing();
    await ada.say(job.id, 'state', { leaseToken: job.leaseToken, state: 'running' });
    expect((await claim({ claimId, waitMs: 0 })).status).toBe(204);
    await ada.say(job.id, 'complete', { leaseToken: job.leaseToken, executed: { exitCode: 0 } });
    await asked.ended;
  });

  it('ends when its agent is started anew, and is never given out again', async () => {
    const asked = ask('echo once');
    const { id, leaseToken } = await take();
    await register('instance-1');
    await expect(asked.ended).rejects.toMatchObject({
      code: 'backend_failed',
      message: 'agent lost: agent ada was started anew while the command ran. The command is not run again.',
    });
    await expectNothing();
    expect((await ada.say(id, 'state', { leaseToken, state: 'running' })).status).toBe(404);
  });

  it('ends when its lease runs out, and is never given out again', async () => {
    const asked = ask('echo once');
    const { id, leaseToken } = await take();
    await ada.say(id, 'state', { leaseToken, state: 'running' });
    await timePasses({ lease: id });
    await expect(asked.ended).rejects.toMatchObject({
      code: 'backend_failed',
      message: 'agent lost: agent ada was not heard of in time. The command is not run again.',
    });
    await expectNothing();
  });

  it('that nobody takes is refused after ten seconds, and is not there to be taken later', async () => {
    const clock = createFakeClock();
    const asked = ask('echo late', clock);
    for (const _ of [1, 2]) {
      await clock.whenSleeping(5_000);
      await clock.advance(5_000);
    }
    await expect(asked.ended).rejects.toMatchObject({
      code: 'backend_unavailable',
      message: 'Agent ada did not take the command within 10 s.',
    });
    await expectNothing();
    expect(await storedOfCommands()).toEqual([]);
  });

  it('that is to end is told so at once, and its end is waited for', async () => {
    const asked = ask('sleep 1000');
    const { id, leaseToken } = await take();
    await ada.say(id, 'state', { leaseToken, state: 'running' });
    const wish = ada.say(id, 'lease', { leaseToken, waitMs: 20_000 });
    asked.leave();
    expect(await (await wish).json()).toEqual({ desired: 'cancel', graceMs: 0, leaseMs: 15_000 });
    await ada.say(id, 'complete', { leaseToken, executed: { exitCode: null } });
    expect(await asked.ended).toEqual({ exitCode: null });
  });

  it('whose end is not told is waited for ten seconds, and whoever asked hears of it', async () => {
    const clock = createFakeClock();
    const asked = ask('sleep 1000', clock);
    await take();
    asked.leave();
    await clock.whenSleeping(10_000);
    await clock.advance(10_000);
    expect(await asked.ended).toEqual({ exitCode: null });
    expect(asked.printed).toEqual([
      { stream: 'stderr', text: '\nagent ada has not said that it was ended\n' },
    ]);
    expect(await storedOfCommands()).toEqual([]);
  });

  it('that nobody waits for before it is taken is taken by nobody', async () => {
    const asked = ask('echo never');
    asked.leave();
    expect(await asked.ended).toEqual({ exitCode: null });
    await expectNothing();
  });

  it('is asked to end when nobody attends to it any more, and forgotten with all it printed', async () => {
    const { jobs } = plane.server().store;
    const order = { kind: 'exec', executionId, resource: 'container', command: 'sleep 1000' } as const;
    await jobs.submitControl('ada', order, 60_000);
    const { id, leaseToken } = await take();
    await ada.say(id, 'state', { leaseToken, state: 'running' });
    await ada.say(id, 'logs', { leaseToken, firstSeq: 1, lines: [chunk('stdout', 'printed')] });
    const wish = ada.say(id, 'lease', { leaseToken, waitMs: 20_000 });
    await jobs.extendWatch(id, 0);
    expect(await (await wish).json()).toMatchObject({ desired: 'cancel' });
    expect((await storedOfCommands()).join()).toContain('printed');
    await ada.say(id, 'complete', { leaseToken, executed: { exitCode: null } });
    while ((await storedOfCommands()).length > 0);
  });
});
