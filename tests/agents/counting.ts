import Docker from 'dockerode';
import { labelNames } from '@/lib/backends/labels';
import type { JobState } from '@/lib/store/agent-store';
import { leftovers } from '../backends/docker-harness';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { texts } from './executions';
import { onDatabase } from './plain-agent';

const count = 40;
const counts = `for i in $(seq ${count}); do echo line $i; sleep 0.1; done`;

/** What the step `counter` prints, in four seconds. */
export const counted = Array.from({ length: count }, (_, index) => `line ${index + 1}`);

const suites = {
  counter: `
title: Counter
steps:
  counter: { kind: task, run: "${counts}" }`,
  served: `
title: Served
steps:
  service: { kind: service, run: echo up; exec sleep 1000 }
  counter: { kind: task, after: service, run: "${counts}" }`,
  talkative: `
title: Talkative
steps:
  service: { kind: service, run: while true; do echo tick; sleep 0.1; done }
  task: { kind: task, after: service, run: echo done }`,
};

/** A control plane with suites that count and talk, and agents as processes of their own. */
export interface Counting {
  plane: TestControlPlane;
  agent(env?: Record<string, string>, url?: string, token?: string): Promise<TestAgent>;
  /** Resolves when so many lines of the counter are stored. */
  untilLines(id: string, least: number): Promise<void>;
  untilJob(id: string, stepId: string, what: (job: JobState) => boolean): Promise<void>;
  /** What Docker still has of an execution. */
  left(id: string): Promise<string[]>;
  endAgents(): Promise<void>;
  close(): Promise<void>;
}

export async function openCounting({ leaseSeconds }: { leaseSeconds: number }): Promise<Counting> {
  const docker = new Docker();
  const plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: String(leaseSeconds) }, suites);
  const { token } = await plane.agentToken();
  const agents: TestAgent[] = [];

  return {
    plane,
    async agent(env = {}, url = plane.url, own = token) {
      const started = startAgentProcess(url.replace(/\/$/, ''), own, env);
      agents.push(started);
      await started.until('registered');
      return started;
    },
    async untilLines(id, least) {
      const { store, closing } = plane.server();
      const bell = store.notifier.subscribe(store.logs.topic(id), closing);
      while ((await texts(plane, id, 'counter')).length < least) await bell.next();
    },
    async untilJob(id, stepId, what) {
      const { store, closing } = plane.server();
      const [row] = await onDatabase(
        (sql) =>
          sql<{ id: string }[]>`select id from agent_jobs where execution_id = ${id} and step_id = ${stepId}`,
      );
      const bell = store.notifier.subscribe(store.jobs.topic(row?.id ?? ''), closing);
      for (;;) {
        const job = await store.jobs.get(row?.id ?? '');
        if (job && what(job)) return;
        await bell.next();
      }
    },
    left: (id) => leftovers(docker, `${labelNames.execution}=${id}`),
    async endAgents() {
      await Promise.all(agents.splice(0).map((agent) => agent.end()));
    },
    close: () => plane.close(),
  };
}
