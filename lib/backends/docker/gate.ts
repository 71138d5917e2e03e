import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import { neverReleasedCode, waitsForRelease } from '../step-init/step-init';
import {
  type ContainerDetails,
  type ContainerState,
  hasEnded,
  inspectContainer,
  listCommands,
} from './containers';
import { type Daemon, DaemonRefusal, quickMs } from './daemon';

/** A connection to the standard input of a container whose first process waits for a word. */
export interface Gate {
  /** Sends the word. That says nothing of whether anybody has read it: see `releaseProgram`. */
  open(word: string): Promise<void>;
  close(): void;
}

export async function connectGate(daemon: Daemon, container: string): Promise<Gate> {
  const stream = await daemon.call('attach to the gate of a container', quickMs, (docker) =>
    docker.getContainer(container).attach({ stream: true, stdin: true, hijack: true }),
  );
  // Who writes hears of it.
  stream.on('error', () => undefined);
  stream.resume();
  return {
    open: (word) =>
      new Promise<void>((resolve, reject) => {
        stream.write(word, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => void stream.end(),
  };
}

/** `lost`: it has ended, or is gone, and its program has not run. */
export type GateState = 'waits' | 'released' | 'lost';

/** How the engine or the kernel ends a first process that waits: by SIGKILL, or with the machine. Else it ends by itself. */
const lostCodes = new Set([neverReleasedCode, 128 + 9, 255]);

/**
 * By the arguments of its first process, or its end. An end that `isDoubtful` may be that of the process that waits: then
 * the program has run if it has printed something, or ran out of memory.
 */
export async function lookAtGate(
  daemon: Daemon,
  container: string,
  word: string,
  isDoubtful = (state: ContainerState) => lostCodes.has(state.ExitCode),
): Promise<GateState> {
  const commands = await commandsOf(daemon, container);
  if (commands.length > 0)
    return commands.some((command) => waitsForRelease(command, word)) ? 'waits' : 'released';
  const state = (await inspectContainer(daemon, container))?.State;
  if (!state) return 'lost';
  if (!hasEnded(state)) return 'waits';
  if (!isDoubtful(state) || state.OOMKilled) return 'released';
  return (await hasPrinted(daemon, container)) ? 'released' : 'lost';
}

async function hasPrinted(daemon: Daemon, container: string): Promise<boolean> {
  const log = await daemon.call("read the end of a step's log", quickMs, (docker, abortSignal) =>
    docker.getContainer(container).logs({ stdout: true, stderr: true, tail: 1, abortSignal }),
  );
  return log.length > 0;
}

/** None where the engine does not tell them, e.g. since it does not run. */
async function commandsOf(daemon: Daemon, container: string): Promise<string[]> {
  try {
    return await listCommands(daemon, container);
  } catch (error) {
    if (error instanceof DaemonRefusal) return [];
    throw error;
  }
}

/** From the word to its effect; then it is sent again. */
const effectMs = 2_000;
const lookEveryMs = 20;
/** A container that somebody has paused reads nothing. */
const releaseLimitMs = 60_000;

/**
 * Lets the program of a container that runs go, over a new connection where the given one is gone, or there is none.
 * `released` is what the container shows: an engine takes what is written to one that has ended, too. `waits`: the signal
 * ended first. Rejects with `backend_failed` when nothing shows for a minute.
 */
export async function releaseProgram(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  word: string,
  given: Gate | null,
  signal: AbortSignal,
): Promise<GateState> {
  const startedMs = clock.monotonicMs();
  for (let gate = given; ; gate = null) {
    const isSent = await send(daemon, container, word, gate);
    const sentMs = clock.monotonicMs();
    for (;;) {
      const state = await lookAtGate(daemon, container, word);
      if (state !== 'waits' || signal.aborted) return state;
      const nowMs = clock.monotonicMs();
      if (nowMs - startedMs >= releaseLimitMs) throw notReleased();
      await clock.sleep(isSent ? lookEveryMs : effectMs / 4, signal);
      if (!isSent || nowMs - sentMs >= effectMs) break;
    }
  }
}

function notReleased(): AppError {
  const limit = releaseLimitMs / 1000;
  return new AppError(
    'backend_failed',
    `The container of the step was started ahead, and did not begin its program within ${limit} s. Was it paused?`,
  );
}

/** An engine that was restarted has let go of the connection and may have kept the container; one that is paused takes none. */
async function send(daemon: Daemon, container: string, word: string, given: Gate | null): Promise<boolean> {
  let gate = given;
  try {
    gate ??= await connectGate(daemon, container);
    await gate.open(word);
    return true;
  } catch {
    // What the container shows next decides, and it is sent again.
    return false;
  } finally {
    gate?.close();
  }
}

/** Why a step's container is not made before the step may run, as the end of a sentence; null when it can be. */
export function explainNotAhead({ node }: Pick<StepSpec, 'node'>): string | null {
  if (node.build !== null) return 'its image is built when it runs';
  // An engine copies what the image has into an empty volume when the container is made.
  if (node.container.volumes.length > 0)
    return 'it shares volumes, which earlier steps may have to fill first';
  return null;
}

/** Why a step's container cannot wait behind a gate, as the end of a sentence; null when it can. */
export function explainNoGate({ node }: Pick<StepSpec, 'node'>, engine: Daemon['name']): string | null {
  const { healthCheck, aliases } = node.container;
  if (engine !== 'Docker') return `${engine} is not asked to hold a started container`;
  if (staysUp(node.kind) || aliases.length > 0) return 'others would find it by its name before it runs';
  if (node.command === null) return "the image's own command runs without step-init, which holds the gate";
  return healthCheck === null ? null : healthCheckWouldRun;
}

/** As `explainNoGate`, for what only the container tells. */
export function explainNoGateOf({ Config }: ContainerDetails): string | null {
  const test = Config.Healthcheck?.Test ?? [];
  return test.length > 0 && test[0] !== 'NONE' ? healthCheckWouldRun : null;
}

const healthCheckWouldRun = 'its health check would run before it';
