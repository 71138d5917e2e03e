import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { openBreakableProxy } from '../support/breakable-proxy';
import { describeWith } from '../support/requirements';
import { type Counting, counted, openCounting } from './counting';
import { ended, launch, texts, until } from './executions';

describeWith(['docker'], 'what is away longer than its lease is given up', () => {
  let counting: Counting;

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    counting = await openCounting({ leaseSeconds: 4 });
  });
  afterEach(() => counting.endAgents());
  afterAll(() => counting?.close());

  it('an agent that is cut off stops its step by itself, and begins it again when it is back', async () => {
    const proxy = await openBreakableProxy(counting.plane.url);
    const cut = await counting.agent({}, proxy.url);
    const id = await launch(counting.plane, { suiteId: 'counter' });
    await counting.untilLines(id, 5);
    await proxy.breakOff();
    await cut.until('a job is not ours any more');
    await counting.untilJob(id, 'counter', ({ state }) => state === 'queued');
    await proxy.mend();
    const execution = await ended(counting.plane, id);
    expect(execution.status).toBe('passed');
    const printed = await texts(counting.plane, id, 'counter');
    expect(printed.slice(-counted.length)).toEqual(counted);
    expect(printed.length).toBeGreaterThan(counted.length);
    expect(await counting.left(id)).toEqual([]);
    await proxy.close();
  });

  it('an agent that slept beyond its lease drops what it did, and nothing it says counts', async () => {
    const asleep = await counting.agent();
    const id = await launch(counting.plane, { suiteId: 'counter' });
    await counting.untilLines(id, 5);
    asleep.process.kill('SIGSTOP');
    await counting.untilJob(id, 'counter', ({ state }) => state === 'queued');
    asleep.process.kill('SIGCONT');
    await asleep.until('a job is not ours any more');
    const execution = await ended(counting.plane, id);
    expect(execution.status).toBe('passed');
    expect((await texts(counting.plane, id, 'counter')).slice(-counted.length)).toEqual(counted);
    expect(await counting.left(id)).toEqual([]);
  });

  it('an agent whose token is revoked stops and ends, and another one does the step', async () => {
    const { id: tokenId, token: own } = await counting.plane.agentToken('to be revoked');
    const revoked = await counting.agent({ GANTRY_AGENT_NAME: 'revoked' }, counting.plane.url, own);
    const id = await launch(counting.plane, { suiteId: 'counter' });
    await counting.untilLines(id, 5);
    await counting.plane.call(`/api/v1/agents/tokens/${tokenId}`, { method: 'DELETE' });
    await revoked.until(
      'The token is not valid, has expired or was revoked: start the agent with the token that replaced this one',
    );
    expect(await revoked.end('SIGTERM')).toBe(1);
    expect(await counting.left(id)).toEqual([]);
    await counting.agent();
    expect((await ended(counting.plane, id)).status).toBe('passed');
  });

  it('an execution whose services are gone with their agent is errored, and removed when it is back', async () => {
    const killed = await counting.agent();
    const id = await launch(counting.plane, { suiteId: 'served' });
    await counting.untilLines(id, 5);
    await killed.end('SIGKILL');
    const lost = await until(counting.plane, id, ({ steps }) =>
      steps.every(({ finishedAt }) => finishedAt !== null),
    );
    expect(lost.steps.map(({ status, result }) => `${status}: ${result?.reason?.slice(0, 11)}`)).toEqual([
      'errored: agent lost:',
      'errored: agent lost:',
    ]);
    expect(await counting.left(id)).not.toEqual([]);
    const back = await counting.agent();
    expect(await ended(counting.plane, id)).toMatchObject({ status: 'errored' });
    await back.until(/what was left of an execution is removed|registered/);
    expect(await counting.left(id)).toEqual([]);
  });
});
