import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { type ContainerState, hasEnded, inspectContainer } from './containers';
import { type Daemon, DaemonNonsense, DaemonRefusal, DaemonSilence, isUnreachable } from './daemon';
import { readSettings } from './daemon-settings';
import { hasForgotten } from './engine-events';

const inspectEveryMs = 3_000;
const inspectLimitMs = 5_000;
/** A daemon with live-restore is back by then, and its containers have run on. */
const absenceLimitMs = 9_000;
/** For so long an engine that is there may refuse to tell a container's state, or be too busy for it. */
const refusalLimitMs = 60_000;
/** From the answer to the start call to a state that says so. */
const startLimitMs = 10_000;
const waitPausesMs = { first: 100, most: 3_000 };

/** Why the state of a container is looked at. `cut`: the connection that waited for its end broke. */
type ExitSignal = 'look' | 'cut' | { refused: string };

/**
 * Resolves with the container's final state: nothing but that state says that it has ended, whatever the engine or
 * what stands before it answers to the call that waits. Rejects with AppError `backend_failed` when the engine is gone
 * or came back without the container running (within 10 s), when somebody removed the container, or when an engine
 * that is there does not tell its state for a minute.
 * `onUnseenEnd` is called before when the container ended while the engine was away: what it printed last is lost,
 * for nobody took it from the container's pipe.
 */
export async function watchExit(
  { clock, daemon, logger }: { clock: Clock; daemon: Daemon; logger: Logger },
  container: string,
  stepId: string,
  signal: AbortSignal,
  onUnseenEnd: () => void = () => undefined,
): Promise<ContainerState> {
  const refusals = new Set<string>();
  const startedMs = clock.monotonicMs();
  for (let pauseMs = waitPausesMs.first; ; ) {
    const lastContactMs = clock.monotonicMs();
    const news = await waitForNews({ clock, daemon }, container, signal);
    if (signal.aborted) throw new AppError('backend_failed', `Step ${stepId} is not watched any more.`);
    const state = await lookAt(news === 'cut', lastContactMs);
    if (state && hasEnded(state)) return state;
    if (state?.Status === 'created' && clock.monotonicMs() - startedMs > startLimitMs) {
      throw failed(
        `${daemon.name} said that it started step ${stepId}, but its container was never started.`,
      );
    }
    if (news === 'look' && clock.monotonicMs() - lastContactMs >= inspectEveryMs) {
      pauseMs = waitPausesMs.first;
      continue;
    }
    // The wait call was over although the container is not.
    if (typeof news === 'object') noteRefusal(news.refused);
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(waitPausesMs.most, 2 * pauseMs);
  }

  function noteRefusal(words: string): void {
    if (refusals.has(words)) return;
    refusals.add(words);
    logger.warn(
      { step: stepId, container, error: words },
      'a container cannot be waited for; it is looked at',
    );
  }

  /** The container's state as soon as it can be told; null when the signal ends first. */
  async function lookAt(wasCut: boolean, lastContactMs: number): Promise<ContainerState | null> {
    let hasBeenGone = wasCut;
    let refusedSinceMs: number | null = null;
    let unreachableSinceMs: number | null = wasCut ? lastContactMs : null;
    while (!signal.aborted) {
      try {
        const found = await inspectContainer(daemon, container, inspectLimitMs);
        if (!found || found.State.Dead || found.State.Status === 'removing') {
          throw failed(`The container of step ${stepId} was removed by somebody while it ran.`);
        }
        if (hasEnded(found.State) && hasBeenGone) await checkSurvival(found.State);
        return found.State;
      } catch (error) {
        if (!isUnreachable(error)) {
          if (!(error instanceof DaemonRefusal || error instanceof DaemonNonsense)) throw error;
          unreachableSinceMs = null;
          refusedSinceMs ??= clock.monotonicMs();
          if (clock.monotonicMs() - refusedSinceMs >= refusalLimitMs) throw error;
          noteRefusal(messageOf(error));
        } else {
          const isSilent = error instanceof DaemonSilence;
          hasBeenGone ||= !isSilent;
          const nowMs = clock.monotonicMs();
          // An engine that takes the connection and does not answer is there.
          if (isSilent) unreachableSinceMs = null;
          else unreachableSinceMs ??= nowMs;
          const isOver =
            unreachableSinceMs === null
              ? nowMs - lastContactMs >= refusalLimitMs
              : nowMs - unreachableSinceMs >= absenceLimitMs;
          if (isOver) {
            const what = isSilent ? `has not answered for ${refusalLimitMs / 1_000} s` : 'is gone';
            throw failed(
              `The ${daemon.name} daemon ${what} while step ${stepId} ran: ${messageOf(error)}`,
              error,
            );
          }
        }
        await clock.sleep(250, signal);
      }
    }
    return null;
  }

  /** Whether the container that ended while the engine was away did so by itself. */
  async function checkSurvival(state: ContainerState): Promise<void> {
    const settings = await readSettings(daemon, inspectLimitMs);
    // A connection that broke is no restart: then nothing was missed.
    if (!(await hasForgotten(daemon, container, state, settings))) return;
    if (settings.keepsContainers) return onUnseenEnd();
    throw failed(
      `The ${daemon.name} daemon restarted while step ${stepId} ran, and its container did not survive.`,
    );
  }
}

function failed(sentence: string, cause?: unknown): AppError {
  return new AppError('backend_failed', sentence, { cause });
}

/** Resolves when the wait call is over, in whatever way, and from time to time. */
async function waitForNews(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  signal: AbortSignal,
): Promise<ExitSignal> {
  const controller = new AbortController();
  const stop = AbortSignal.any([signal, controller.signal]);
  const waited = daemon
    .call('wait for a container', Number.POSITIVE_INFINITY, (docker) => waitForEnd(docker, container, stop))
    .then(
      (): ExitSignal => 'look',
      (error: unknown): ExitSignal => (isUnreachable(error) ? 'cut' : { refused: messageOf(error) }),
    );
  try {
    return await Promise.race([waited, clock.sleep(inspectEveryMs, stop).then((): ExitSignal => 'look')]);
  } finally {
    controller.abort();
  }
}

/** dockerode's own call waits for ever when the daemon dies after it has begun to answer. */
async function waitForEnd(docker: Docker, container: string, abortSignal: AbortSignal): Promise<void> {
  const answer = await new Promise<unknown>((resolve, reject) => {
    docker.modem.dial(
      {
        // docker-modem takes the last character off a path that ends with a query of its own.
        path: `/containers/${container}/wait?`,
        options: { _query: { condition: 'not-running' }, _body: {} },
        method: 'POST',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        abortSignal,
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
  if (!(answer instanceof Readable)) throw new Error('the engine gave no answer to wait for');
  let bytes = 0;
  for await (const chunk of answer) bytes += chunk.length;
  if (bytes === 0) throw new Error('the engine ended the connection');
}
