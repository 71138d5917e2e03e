import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import { type ContainerState, inspectContainer } from './containers';
import { type Daemon, isUnreachable, quickMs } from './daemon';
import { readSettings } from './daemon-settings';
import { firstEvent, hasForgotten, startOf } from './engine-events';

/** 128 + SIGINT, SIGKILL, SIGTERM. */
const signalledExitCodes = new Set([130, 137, 143]);
/** The news of an out-of-memory kill may come after that of the exit: so long after it the engine is asked again. */
const looksMs = [0, 250, 1_000, 4_000];

/**
 * The state of a container that ended without Gantry's doing, with `OOMKilled` set also where only the engine's events
 * tell: a Docker daemon that hears of the exit before it hears of the kill leaves the flag unset for good.
 *
 * Throws AppError `backend_failed` when somebody stopped the container through the engine, which a daemon that shuts
 * down does too, or when a daemon that was killed has ended it at its next start: that is not the suite's failure.
 * Engines keep only their last events; what they no longer know passes.
 */
export async function explainSignal(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  state: ContainerState,
  step: { stepId: string },
): Promise<ContainerState> {
  if (state.OOMKilled || !signalledExitCodes.has(state.ExitCode)) return state;
  const action = await firstAction({ clock, daemon }, container, state).catch((error: unknown) => {
    if (!isUnreachable(error)) throw error;
    const why = `The ${daemon.name} daemon went away while step ${step.stepId} ran: ${messageOf(error)}`;
    throw new AppError('backend_failed', why, { cause: error });
  });
  if (action === 'oom') return { ...state, OOMKilled: true };
  if (action === null) return state;
  throw new AppError(
    'backend_failed',
    action === 'restart'
      ? `The ${daemon.name} daemon restarted while step ${step.stepId} ran, and ended its container.`
      : `The container of step ${step.stepId} was stopped through ${daemon.name} while it ran: by somebody, or because the ${daemon.name} daemon shut down.`,
  );
}

/**
 * What the engine says was done to the container first: `oom`, `kill` (as sent through its API), or nothing; `restart`:
 * it has forgotten the container's start, because it was started anew. A daemon that ends at its start what ran before
 * may note that as a `kill` of its own.
 */
async function firstAction(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  state: ContainerState,
): Promise<'oom' | 'kill' | 'restart' | null> {
  const first = await firstRemembered({ clock, daemon }, container, state);
  if (first === 'oom') return first;
  const settings = await readSettings(daemon, quickMs);
  const wasRestarted = !settings.keepsContainers && (await hasForgotten(daemon, container, state, settings));
  return wasRestarted ? 'restart' : first;
}

async function firstRemembered(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  state: ContainerState,
): Promise<'oom' | 'kill' | null> {
  const sinceMs = startOf(state);
  const endMs = Math.max(Date.parse(state.StartedAt), Date.parse(state.FinishedAt));
  // Only a SIGKILL can be one for want of memory.
  const looks = state.ExitCode === 137 ? looksMs : looksMs.slice(0, 1);
  let waitedMs = 0;
  for (const lookMs of looks) {
    await clock.sleep(lookMs - waitedMs);
    waitedMs = lookMs;
    const untilMs = endMs + lookMs + 1;
    const first = await firstEvent(daemon, { container, actions: ['kill', 'oom'], sinceMs, untilMs });
    if (first) return first === 'oom' ? 'oom' : 'kill';
    const found = lookMs === 0 ? null : await inspectContainer(daemon, container, quickMs);
    if (found?.State.OOMKilled) return 'oom';
  }
  return null;
}
