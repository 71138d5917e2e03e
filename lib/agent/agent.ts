import { randomBytes } from 'node:crypto';
import type { Backend, OpenPackage } from '../backends/backend';
import { type Clock, untilAborted } from '../clock';
import type { Registration } from '../model/agent';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { AgentStatus } from './agent-status';
import type { ControlPlane } from './control-plane';
import { createEnvironments, type Environments } from './environments';
import { createHeartbeat } from './heartbeat';
import { createJobRunner, type JobRunner } from './job-runner';
import { retry } from './retry';
import type { AgentSettings } from './settings';

export interface AgentDependencies {
  clock: Clock;
  logger: Logger;
  plane: ControlPlane;
  /** The Docker of this machine; `installation` sets what it makes apart from what others make. */
  makeBackend(openPackage: OpenPackage, installation: string): Backend;
  settings: Pick<AgentSettings, 'name' | 'tags' | 'capacity' | 'folder'>;
  version: string;
}

export interface Agent {
  status(): AgentStatus;
  /** Takes no new execution, and ends when those it has started have ended. */
  drain(): void;
  /** Ends at once and leaves steps running; the next start adopts them. */
  detach(): void;
  /** Resolves when the agent has ended on request; rejects with the reason why it cannot continue. */
  done: Promise<void>;
}

const claimWaitMs = 20_000;

export function startAgent(deps: AgentDependencies): Agent {
  const { logger, plane, settings } = deps;
  const instance = randomBytes(8).toString('hex');
  const detaching = new AbortController();
  const draining = new AbortController();
  let status: AgentStatus = { isConnected: false, problem: 'it has not registered yet', jobs: 0 };
  let runner: JobRunner | null = null;

  async function run(): Promise<void> {
    const { name: agentId, tags, capacity } = settings;
    // An agent that has never registered has nothing to finish.
    const unwanted = AbortSignal.any([detaching.signal, draining.signal]);
    const registration = await retry(deps, 'the agent could not register', unwanted, () =>
      plane.register({ agentId, instance, tags, capacity, version: deps.version }),
    ).catch((error: unknown) => {
      if (unwanted.aborted) return null;
      throw error;
    });
    if (!registration) return;
    logger.info({ agent: agentId, tags, capacity }, 'registered');
    await serve(registration);
  }

  async function serve(registration: Registration): Promise<void> {
    const openPackage: OpenPackage = (digest) => jobs.openPackage(digest);
    const backend = deps.makeBackend(openPackage, `${registration.installation}.${settings.name}`);
    const environments: Environments = createEnvironments(backend);
    const heartbeat = createHeartbeat({ ...deps, backend, environments }, registration, {
      instance,
      stopping: draining.signal,
      isBusy: (executionId) => jobs.isBusy(executionId),
      onStatus: (next) => {
        status = { ...next, jobs: jobs.count() };
      },
    });
    const jobs = createJobRunner({
      ...deps,
      backend,
      environments,
      folder: settings.folder,
      clockAheadMs: heartbeat.clockAheadMs,
    });
    runner = jobs;
    const over = new AbortController();
    const ended = AbortSignal.any([detaching.signal, over.signal]);
    const failed: unknown[] = [];
    const guard = (work: Promise<void>) =>
      work.catch((error: unknown) => {
        failed.push(error);
        over.abort();
      });
    await Promise.all([
      guard(heartbeat.run(ended)),
      guard(claimLoop(deps, { kind: 'control', instance }, jobs, heartbeat.isHealthy, ended)),
      guard(claimLoop(deps, { kind: 'step', instance }, jobs, heartbeat.isHealthy, ended)),
      guard(untilDrained(deps, { jobs, environments }, { draining: draining.signal, ended, over })),
    ]);
    jobs.stopCommands();
    if (detaching.signal.aborted) jobs.detach();
    await jobs.settled();
    if (failed.length > 0) throw failed[0];
  }

  return {
    status: () => ({ ...status, jobs: runner?.count() ?? 0 }),
    drain: () => draining.abort(),
    detach: () => detaching.abort(),
    done: run().catch((error: unknown) => {
      if (detaching.signal.aborted) return;
      throw explained(error, settings.name);
    }),
  };
}

/** A claim whose answer was lost is repeated by its name, and gets the same job. */
async function claimLoop(
  { clock, logger, plane, settings }: AgentDependencies,
  { kind, instance }: { kind: 'step' | 'control'; instance: string },
  jobs: JobRunner,
  isHealthy: () => boolean,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    if (kind === 'step') await jobs.waitForSlot(settings.capacity, isHealthy, ended);
    if (ended.aborted) return;
    const claimId = randomBytes(12).toString('hex');
    const job = await retry({ clock, logger }, 'nothing could be claimed', ended, () =>
      plane.claim({ kind, claimId, instance, waitMs: claimWaitMs }, ended),
    ).catch((error: unknown) => {
      if (ended.aborted) return null;
      throw error;
    });
    if (job) jobs.start(job, clock.monotonicMs());
  }
}

/** Waits until it is asked to drain and nothing is left to finish, and then aborts `over`. */
async function untilDrained(
  { clock }: AgentDependencies,
  { jobs, environments }: { jobs: JobRunner; environments: Environments },
  { draining, ended, over }: { draining: AbortSignal; ended: AbortSignal; over: AbortController },
): Promise<void> {
  await untilAborted(AbortSignal.any([draining, ended]));
  while (!ended.aborted) {
    if (jobs.count() === 0 && environments.openIds().length === 0) return over.abort();
    await clock.sleep(500, ended);
  }
}

function explained(error: unknown, name: string): Error {
  if (error instanceof AppError && error.code === 'unauthorized') {
    return new Error(
      'The token is not valid, has expired or was revoked: start the agent with the token that replaced this one, or with a new one that an admin makes on the agents page.',
      {
        cause: error,
      },
    );
  }
  return new Error(`Agent ${name} cannot go on: ${messageOf(error)}`, { cause: error });
}
