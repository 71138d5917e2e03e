import { randomBytes } from 'node:crypto';
import type { Backend, OpenPackage } from '../backends/backend';
import type { Clock } from '../clock';
import type { Registration } from '../model/agent';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { AgentStatus } from './agent-status';
import type { ControlPlane } from './control-plane';
import { createEnvironments, type Environments } from './environments';
import { createHeart } from './heart';
import { createJobBook, type JobBook } from './job-book';
import { persistently } from './patience';
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
  /** Takes no new execution, and ends once those that it has begun are over. */
  drain(): void;
  /** Lets go at once; what runs is left running and is gone on with after the next start. */
  leave(): void;
  /** Resolves when it has ended as it was asked to; rejects with why it cannot go on. */
  done: Promise<void>;
}

const claimWaitMs = 20_000;

export function startAgent(deps: AgentDependencies): Agent {
  const { clock, logger, plane, settings } = deps;
  const instance = randomBytes(8).toString('hex');
  const leaving = new AbortController();
  const draining = new AbortController();
  let status: AgentStatus = { isConnected: false, problem: 'it has not registered yet', jobs: 0 };
  let book: JobBook | null = null;

  async function run(): Promise<void> {
    const { name: agentId, tags, capacity } = settings;
    // Who has never been known has nothing to end.
    const unwanted = AbortSignal.any([leaving.signal, draining.signal]);
    const registration = await persistently(deps, 'the agent could not register', unwanted, () =>
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
    const heart = createHeart({ ...deps, backend, environments }, registration, {
      instance,
      stopping: draining.signal,
      isBusy: (executionId) => jobs.isBusy(executionId),
      onStatus: (next) => {
        status = { ...next, jobs: jobs.count() };
      },
    });
    const jobs = createJobBook({
      ...deps,
      backend,
      environments,
      folder: settings.folder,
      clockAheadMs: heart.clockAheadMs,
    });
    book = jobs;
    const over = new AbortController();
    const ended = AbortSignal.any([leaving.signal, over.signal]);
    const failed: unknown[] = [];
    const guard = (work: Promise<void>) =>
      work.catch((error: unknown) => {
        failed.push(error);
        over.abort();
      });
    await Promise.all([
      guard(heart.beat(ended)),
      guard(claimLoop('control', jobs, heart.isAble, ended)),
      guard(claimLoop('step', jobs, heart.isAble, ended)),
      guard(untilDrained(jobs, environments, over, ended)),
    ]);
    jobs.endCommands();
    if (leaving.signal.aborted) jobs.handOver();
    await jobs.settled();
    if (failed.length > 0) throw failed[0];
  }

  /** A claim whose answer was lost is repeated by its name, and gets the same job. */
  async function claimLoop(
    kind: 'step' | 'control',
    jobs: JobBook,
    isAble: () => boolean,
    ended: AbortSignal,
  ): Promise<void> {
    while (!ended.aborted) {
      if (kind === 'step') await jobs.room(settings.capacity, isAble, ended);
      if (ended.aborted) return;
      const claimId = randomBytes(12).toString('hex');
      const job = await persistently(deps, 'nothing could be claimed', ended, () =>
        plane.claim({ kind, claimId, instance, waitMs: claimWaitMs }, ended),
      ).catch((error: unknown) => {
        if (ended.aborted) return null;
        throw error;
      });
      if (job) jobs.begin(job, clock.monotonicMs());
    }
  }

  async function untilDrained(
    jobs: JobBook,
    environments: Environments,
    over: AbortController,
    ended: AbortSignal,
  ): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => resolve();
      draining.signal.addEventListener('abort', go, { once: true });
      ended.addEventListener('abort', go, { once: true });
      if (draining.signal.aborted || ended.aborted) go();
    });
    while (!ended.aborted) {
      if (jobs.count() === 0 && environments.known().length === 0) return over.abort();
      await clock.sleep(500, ended);
    }
  }

  return {
    status: () => ({ ...status, jobs: book?.count() ?? 0 }),
    drain: () => draining.abort(),
    leave: () => leaving.abort(),
    done: run().catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      throw explained(error, settings.name);
    }),
  };
}

function explained(error: unknown, name: string): Error {
  if (error instanceof AppError && error.code === 'unauthorized') {
    return new Error('The token is not valid, or was revoked: an admin makes a new one on the agents page.', {
      cause: error,
    });
  }
  return new Error(`Agent ${name} cannot go on: ${messageOf(error)}`, { cause: error });
}
