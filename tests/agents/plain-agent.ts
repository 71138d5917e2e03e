import { randomBytes } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import type { StepJob } from '@/lib/model/job';
import type { PlannedNode } from '@/lib/model/node';
import { staysUp } from '@/lib/model/step-kind';
import { makeStepSpec } from '../support/plan';
import type { TestControlPlane } from './control-plane';

/** An agent of the test's own, that says what it is told to. */
export interface PlainAgent {
  id: string;
  token: string;
  tokenId: string;
  claim(more?: object): Promise<Response>;
  /** Rejects when nothing was there. */
  take(more?: object): Promise<StepJob>;
  say(jobId: string, what: string, body: object): Promise<Response>;
}

export async function plainAgent(plane: TestControlPlane, id: string): Promise<PlainAgent> {
  const { id: tokenId, token } = await plane.agentToken(id);
  const agent: PlainAgent = {
    id,
    token,
    tokenId,
    claim: (more = {}) =>
      plane.post('/agent-control/claims/next', { agentId: id, waitMs: 0, ...more }, token),
    async take(more) {
      const response = await agent.claim(more);
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      const { job } = await response.json();
      return job;
    },
    say: (jobId, what, body) =>
      plane.post(`/api/v1/agent-control/jobs/${jobId}/${what}`, { agentId: id, ...body }, token),
  };
  return agent;
}

/** A job in the queue, of an execution of its own unless one is named. */
export async function queueJob(
  plane: TestControlPlane,
  {
    executionId = randomBytes(8).toString('hex'),
    tags = [],
    node = {},
  }: { executionId?: string; tags?: string[]; node?: Partial<PlannedNode> } = {},
): Promise<{ jobId: string; executionId: string }> {
  const { jobs } = plane.server().store;
  await jobs.openEnvironment(
    {
      executionId,
      suiteId: 'suite',
      profile: 'default',
      owner: 'test',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    },
    tags,
  );
  const spec = makeStepSpec({ executionId, stepId: node.id ?? 'only', node });
  return { jobId: await jobs.submit(spec, staysUp(spec.node.kind)), executionId };
}

/** As if the time were over: the lease of a job, or the last word of an agent. */
export async function timePasses(what: { lease: string } | { agent: string }): Promise<void> {
  await onDatabase(async (sql) => {
    if ('lease' in what) {
      await sql`update agent_jobs set lease_until = now() - interval '1 s' where id = ${what.lease}`;
    } else {
      await sql`update agents set last_seen_at = now() - interval '1 day' where id = ${what.agent}`;
    }
  });
}

/** Nothing of one test is there for the next. */
export async function clearJobs(): Promise<void> {
  await onDatabase(async (sql) => {
    await sql`delete from agent_jobs`;
    await sql`delete from agent_environments`;
  });
}

/** On the control plane's own database. */
export async function onDatabase<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
