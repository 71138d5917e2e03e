import { z } from 'zod';
import { AppError, messageOf } from '../../model/errors';
import { type Daemon, isUnreachable } from './daemon';
import type { ContainerState } from './exit';

const event = z.object({ Action: z.string() });
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
 * does too: that is not the suite's failure. Docker keeps only its last events; what it no longer knows passes.
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
  if (action === null) return state;
  throw new AppError(
    'backend_failed',
    `The container of step ${step.stepId} was stopped through Docker while it ran: by somebody, or because the Docker daemon shut down.`,
  );
}

/** What Docker says was done to the container first: `oom`, `kill` (as sent through its API), or nothing. */
async function firstAction(
  daemon: Daemon,
  container: string,
  state: ContainerState,
): Promise<'oom' | 'kill' | null> {
  // Only a SIGKILL can be one for want of memory.
  const waitMs = state.ExitCode === 137 ? lateNewsMs : 1;
  return daemon.call('tell its events', answerLimitMs, async (docker) => {
    const stream = await docker.getEvents({
      since: Date.parse(state.StartedAt) / 1000,
      until: (Date.parse(state.FinishedAt) + waitMs) / 1000,
      filters: { container: [container], event: ['kill', 'oom'] },
    });
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      // Leaving the loop closes the stream.
      if (text.includes('\n')) break;
    }
    const [first = ''] = text.split('\n', 1);
    if (first === '') return null;
    return event.parse(JSON.parse(first)).Action === 'oom' ? 'oom' : 'kill';
  });
}
