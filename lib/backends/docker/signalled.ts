import { z } from 'zod';
import { AppError, messageOf } from '../../model/errors';
import { type Daemon, isUnreachable } from './daemon';
import { readSettings } from './daemon-settings';
import type { ContainerState } from './exit';

const event = z.object({ Action: z.string() });
/** A daemon keeps so many events, in memory alone; see `eventsLimit` in moby's daemon/events. */
const mostKeptEvents = 256;
const answerLimitMs = 5_000;
/** The news of an out-of-memory kill may come after that of the exit. */
const lateNewsMs = 1_000;

/** 128 + SIGINT, SIGKILL, SIGTERM. */
const signalledExitCodes = new Set([130, 137, 143]);

/**
 * The state of a container that ended without Gantry's doing, with `OOMKilled` set where only Docker's events tell:
 * a daemon that hears of the exit before it hears of the kill leaves the flag unset for good.
 *
 * Throws AppError `backend_failed` when somebody stopped the container through Docker, which a daemon that shuts down
 * does too, or when a daemon that was killed has ended it at its next start: that is not the suite's failure. Docker
 * keeps only its last events; what it no longer knows passes.
 */
export async function explainSignal(
  daemon: Daemon,
  container: string,
  state: ContainerState,
  step: { stepId: string },
): Promise<ContainerState> {
  if (state.OOMKilled || !signalledExitCodes.has(state.ExitCode)) return state;
  const action = await firstAction(daemon, container, state).catch((error: unknown) => {
    if (!isUnreachable(error)) throw error;
    const why = `The Docker daemon went away while step ${step.stepId} was stopped: ${messageOf(error)}`;
    throw new AppError('backend_failed', why, { cause: error });
  });
  if (action === 'oom') return { ...state, OOMKilled: true };
  if (action === 'restart') {
    throw new AppError(
      'backend_failed',
      `The Docker daemon restarted while step ${step.stepId} ran, and ended its container.`,
    );
  }
  if (action === null) return state;
  throw new AppError(
    'backend_failed',
    `The container of step ${step.stepId} was stopped through Docker while it ran: by somebody, or because the Docker daemon shut down.`,
  );
}

/**
 * What Docker says was done to the container first: `oom`, `kill` (as sent through its API), or nothing; `restart`: it
 * has forgotten, because it was started anew.
 */
async function firstAction(
  daemon: Daemon,
  container: string,
  state: ContainerState,
): Promise<'oom' | 'kill' | 'restart' | null> {
  // Only a SIGKILL can be one for want of memory.
  const waitMs = state.ExitCode === 137 ? lateNewsMs : 1;
  const since = Date.parse(state.StartedAt) / 1000;
  const [first] = await eventsOf(daemon, 1, {
    since,
    until: (Date.parse(state.FinishedAt) + waitMs) / 1000,
    filters: { container: [container], event: ['kill', 'oom'] },
  });
  if (first) return first === 'oom' ? 'oom' : 'kill';
  return (await hasRestarted(daemon, container, since)) ? 'restart' : null;
}

/** It remembers all since its own start, and that this container was started is not of it. */
async function hasRestarted(daemon: Daemon, container: string, since: number): Promise<boolean> {
  const { keepsContainers, nowSeconds: until } = await readSettings(daemon, answerLimitMs);
  if (keepsContainers || Number.isNaN(until)) return false;
  const all = await eventsOf(daemon, mostKeptEvents, { since: 1, until });
  if (all.length >= mostKeptEvents) return false;
  const filters = { container: [container], event: ['start'] };
  return (await eventsOf(daemon, 1, { since, until, filters })).length === 0;
}

/** The actions of at most so many events that the daemon remembers, the oldest first. Times are in seconds. */
function eventsOf(
  daemon: Daemon,
  most: number,
  asked: { since: number; until: number; filters?: Record<string, string[]> },
): Promise<string[]> {
  return daemon.call('tell its events', answerLimitMs, async (docker) => {
    const stream = await docker.getEvents(asked);
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      // Leaving the loop closes the stream.
      if (text.split('\n').length > most) break;
    }
    const lines = text.split('\n').slice(0, most);
    return lines.filter((line) => line !== '').map((line) => event.parse(JSON.parse(line)).Action);
  });
}
