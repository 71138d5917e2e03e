import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import { inspectContainer } from './containers';
import { type Daemon, DaemonRefusal, DaemonSilence, isUnreachable } from './daemon';
import { readSettings } from './daemon-settings';

export type ContainerState = ContainerInspectInfo['State'];

const inspectEveryMs = 3_000;
const inspectLimitMs = 2_000;
const finalLimitMs = 5_000;
/** A daemon with live-restore is back by then, and its containers have run on. */
const absenceLimitMs = 9_000;

/** There was no answer. `isGone`: not for slowness, a connection broke or nobody took it. */
interface Absence {
  lastContactMs: number;
  isGone: boolean;
}

/**
 * Resolves with the container's final state. Rejects with AppError `backend_failed` when the daemon is gone, came
 * back without the container running, or somebody removed it: never later than 10 s after that has happened.
 * `onUnseenEnd` is called before when the container ended while the daemon was away: what it printed last is lost,
 * for nobody took it from the container's pipe.
 */
export async function watchExit(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  stepId: string,
  signal: AbortSignal,
  onUnseenEnd: () => void = () => undefined,
): Promise<ContainerState> {
  for (;;) {
    const news = await waitOrInspect();
    if (signal.aborted) throw new AppError('backend_failed', `Step ${stepId} is not watched any more.`);
    const final = news === 'ended' ? await finalState() : news;
    if (!('lastContactMs' in final)) return final;
    await reconnect(final.lastContactMs + absenceLimitMs, final.isGone);
  }

  async function waitOrInspect(): Promise<'ended' | Absence> {
    const controller = new AbortController();
    const stop = AbortSignal.any([signal, controller.signal]);
    const waited = daemon
      .call('wait for a container', Number.POSITIVE_INFINITY, (docker) => waitForEnd(docker, container, stop))
      .then(
        () => 'ended' as const,
        (error: unknown) => {
          // A refusal such as 404: the inspection says what has become of it.
          return error instanceof DaemonRefusal
            ? ('ended' as const)
            : { lastContactMs: clock.monotonicMs(), isGone: true };
        },
      );
    try {
      return await Promise.race([waited, inspectUntilOver(stop)]);
    } finally {
      controller.abort();
    }
  }

  /** A daemon that hangs keeps the wait call open for ever. */
  async function inspectUntilOver(stop: AbortSignal): Promise<'ended' | Absence> {
    for (;;) {
      const lastContactMs = clock.monotonicMs();
      await clock.sleep(inspectEveryMs, stop);
      if (stop.aborted) return { lastContactMs, isGone: false };
      try {
        const found = await inspectContainer(daemon, container, inspectLimitMs);
        if (!found || !isUp(found.State)) return 'ended';
      } catch (error) {
        // Whatever it was: reconnecting finds out, and has a limit.
        return { lastContactMs, isGone: isGone(error) };
      }
    }
  }

  async function finalState(): Promise<ContainerState | Absence> {
    const lastContactMs = clock.monotonicMs();
    try {
      let found = await inspectContainer(daemon, container, finalLimitMs);
      if (found && found.State.ExitCode === 137 && !found.State.OOMKilled) {
        // The news of an out-of-memory kill may come after that of the exit, and a removal kills before it removes.
        await clock.sleep(100, signal);
        found = await inspectContainer(daemon, container, finalLimitMs);
      }
      if (found && found.State.Status !== 'removing' && !found.State.Dead) return found.State;
    } catch (error) {
      if (isUnreachable(error)) return { lastContactMs, isGone: isGone(error) };
      throw error;
    }
    throw new AppError(
      'backend_failed',
      `The container of step ${stepId} was removed by somebody while it ran.`,
    );
  }

  /** Returns when the container's state can be trusted again. */
  async function reconnect(deadlineMs: number, wasGone: boolean): Promise<void> {
    let hasBeenGone = wasGone;
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs();
      try {
        const limitMs = Math.max(500, Math.min(inspectLimitMs, leftMs));
        const found = await inspectContainer(daemon, container, limitMs);
        // A daemon that was only slow has not restarted: the container has ended by itself meanwhile.
        if (!found || isUp(found.State) || !hasBeenGone) return;
        if ((await readSettings(daemon, limitMs)).keepsContainers) return onUnseenEnd();
        throw new AppError(
          'backend_failed',
          `The Docker daemon restarted while step ${stepId} ran, and its container did not survive.`,
        );
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        hasBeenGone ||= isGone(error);
        if (signal.aborted) return;
        if (leftMs <= inspectLimitMs) {
          throw new AppError(
            'backend_failed',
            `The Docker daemon is gone while step ${stepId} ran: ${messageOf(error)}`,
            { cause: error },
          );
        }
        await clock.sleep(250, signal);
      }
    }
  }
}

function isGone(error: unknown): boolean {
  return isUnreachable(error) && !(error instanceof DaemonSilence);
}

export function isUp(state: ContainerState): boolean {
  return state.Running || state.Paused || state.Restarting;
}

/** dockerode's own call waits for ever when the daemon dies after it has begun to answer. */
async function waitForEnd(docker: Docker, container: string, abortSignal: AbortSignal): Promise<void> {
  const answer = await new Promise<unknown>((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${container}/wait?condition=not-running`,
        method: 'POST',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        abortSignal,
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
  if (!(answer instanceof Readable)) throw new Error('Docker gave no answer to wait for');
  let bytes = 0;
  for await (const chunk of answer) bytes += chunk.length;
  if (bytes === 0) throw new Error('Docker ended the connection');
}
