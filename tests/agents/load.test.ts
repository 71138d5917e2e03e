import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from './control-plane';
import { onDatabase, queueJob } from './plain-agent';

const agents = 200;
const executions = 500;
const stepsEach = 4;

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '120' });
});
afterAll(() => plane.close());

it('200 waiting agents take 2,000 steps, none twice and none left', async () => {
  const { token } = await plane.agentToken();
  const over = new AbortController();
  const taken: { jobId: string; executionId: string; agentId: string; delivery: number }[] = [];
  const all = executions * stepsEach;

  async function work(agentId: string): Promise<void> {
    while (!over.signal.aborted) {
      const claimed = await plane.post('/agent-control/claims/next', { agentId, waitMs: 2_000 }, token);
      if (claimed.status === 204) continue;
      expect(claimed.status).toBe(200);
      const { job } = await claimed.json();
      taken.push({ jobId: job.id, executionId: job.spec.executionId, agentId, delivery: job.delivery });
      const done = await plane.post(
        `/agent-control/jobs/${job.id}/complete`,
        { agentId, leaseToken: job.leaseToken },
        token,
      );
      expect(done.status).toBe(200);
      if (taken.length === all) over.abort();
    }
  }

  const working = Array.from({ length: agents }, (_, number) => work(`agent-${number}`));
  const ids = Array.from({ length: executions }, () => randomBytes(8).toString('hex'));
  for (const executionId of ids) {
    await Promise.all(
      Array.from({ length: stepsEach }, (_, step) =>
        queueJob(plane, { executionId, node: { id: `step-${step}` } }),
      ),
    );
  }
  await Promise.all(working);

  expect(taken).toHaveLength(all);
  expect(new Set(taken.map(({ jobId }) => jobId)).size).toBe(all);
  expect(taken.every(({ delivery }) => delivery === 1)).toBe(true);
  const homes = new Set(taken.map(({ executionId, agentId }) => `${executionId} ${agentId}`));
  expect(homes.size).toBe(executions);
  const [left] = await onDatabase(
    (sql) => sql`select count(*)::integer as count from agent_jobs where state <> 'done'`,
  );
  expect(left).toEqual({ count: 0 });
});
