import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Environment } from '@/lib/model/environment';
import { describeWith } from '../support/requirements';
import { type Counting, openCounting } from './counting';
import { ended, launch } from './executions';
import { onDatabase } from './plain-agent';

const hour = 3_600_000;

describeWith(['docker'], 'what is kept on an agent', () => {
  let counting: Counting;
  let id = '';

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    counting = await openCounting({ leaseSeconds: 6 });
    await counting.agent();
    id = await launch(counting.plane, { suiteId: 'talkative', keep: 'always' });
  });
  afterAll(async () => {
    await counting?.endAgents();
    await counting?.close();
  });

  async function shown(): Promise<Environment | undefined> {
    const inventory = await counting.plane.server().engine.environments.take();
    return inventory.environments.find((each) => each.id === id);
  }

  const running = async () =>
    (await shown())?.resources.filter(({ state }) => state === 'running').map(({ stepId }) => stepId);

  it('stays up after the end of its execution, and is shown as kept', async () => {
    expect(await ended(counting.plane, id)).toMatchObject({ status: 'passed', receipt: null });
    expect(await shown()).toMatchObject({ state: 'kept', keptUntil: expect.any(String) });
    expect(await running()).toEqual(['service']);
  });

  it('fills no table with what it prints from then on', async () => {
    const seen = async () => {
      const [row] = await onDatabase(
        (sql) => sql<{ told: number; stored: number }[]>`
          select log_seq as told, coalesce((select max(last_seq) from agent_job_lines where job_id = j.id), 0) as stored
          from agent_jobs j where execution_id = ${id} and step_id = 'service'`,
      );
      return row ?? { told: 0, stored: 0 };
    };
    const before = await seen();
    await counting.untilJob(id, 'service', ({ logSeq }) => logSeq > before.told + 10);
    expect((await seen()).stored).toBe(before.stored);
  });

  it('is left alone by its agent, also by one that was killed and is started again', async () => {
    await counting.endAgents();
    const reap = reapOfNextBeat();
    await counting.agent();
    await counting.untilJob(id, 'service', ({ state, deliveries }) => state === 'leased' && deliveries > 1);
    expect(await reap).toEqual([]);
    expect(await running()).toEqual(['service']);
  });

  it('is left alone by a control plane that is started again', async () => {
    await counting.plane.stop();
    await counting.plane.start();
    expect(await reapOfNextBeat()).toEqual([]);
    expect(await shown()).toMatchObject({ state: 'kept' });
    expect(await running()).toEqual(['service']);
  });

  it('can be kept longer, and is removed once its time is over', async () => {
    const extended = await counting.plane.post(`/api/v1/sandboxes/${id}/extend`, { forMs: 3 * hour });
    const { keptUntil } = await extended.json();
    expect(await shown()).toMatchObject({ state: 'kept', keptUntil });
    await onDatabase((sql) => sql`update kept_environments set until = now() - interval '1 minute'`);
    expect(await shown()).toMatchObject({ zombieCause: 'deadline' });
    const reaped = await counting.plane.post('/api/v1/sandboxes/reap-all', { scope: 'zombies' });
    expect(await reaped.json()).toMatchObject([{ id, outcome: 'removed', receipt: { left: [] } }]);
    expect(await counting.left(id)).toEqual([]);
  });

  /** What the control plane answers when the agent next says that this is on it: what is to be removed. */
  async function reapOfNextBeat(): Promise<string[]> {
    const { agents } = counting.plane.server().store;
    const { heartbeat } = agents;
    return new Promise((resolve, reject) => {
      agents.heartbeat = async (...beat) => {
        const answer = await heartbeat(...beat);
        if (beat[1].environments.includes(id)) {
          agents.heartbeat = heartbeat;
          resolve(answer.reap);
        }
        return answer;
      };
      counting.plane.server().closing.addEventListener('abort', reject, { once: true });
    });
  }
});
