import { constants } from 'node:os';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { PlannedNode } from '../../model/node';
import { endsWithin } from '../supervise-program';
import { inspectContainer, killContainer, listCommands } from './containers';
import type { Daemon } from './daemon';

/** From SIGKILL to the end: more means that the daemon or the kernel hangs. */
const killLimitMs = 20_000;

/** The signal that asks a step's program to end: the step's own, else its image's where that one's program runs. */
export async function stopSignalOf(
  daemon: Daemon,
  container: string,
  { command, container: { stopSignal } }: PlannedNode,
): Promise<string> {
  if (stopSignal !== null) return stopSignal;
  if (command !== null) return 'SIGTERM';
  const signal = (await inspectContainer(daemon, container))?.Config.StopSignal;
  if (!signal) return 'SIGTERM';
  return /^\d+$/.test(signal) ? (nameOf(Number(signal)) ?? signal) : signal.replace(/^(SIG)?/, 'SIG');
}

function nameOf(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, each]) => each === number)?.[0];
}

/**
 * The stop signal, the grace time, SIGKILL. Resolves once the container has ended with the last signal that was sent, or with
 * null if the container had ended before the first signal. `onKill` gets the commands that the end of the grace time cuts off.
 */
export async function stopContainer(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  signal: string,
  graceMs: number,
  ended: Promise<unknown>,
  onKill: (commands: string[]) => void,
): Promise<string | null> {
  const wasThere = await killContainer(daemon, container, signal);
  if (await endsWithin(clock, ended, graceMs)) return wasThere ? signal : null;
  onKill(await runningCommands(daemon, container));
  await killContainer(daemon, container, 'SIGKILL');
  if (await endsWithin(clock, ended, killLimitMs)) return 'SIGKILL';
  throw new AppError(
    'backend_failed',
    `Docker did not end the container ${container.slice(0, 12)} within ${killLimitMs / 1000} s of SIGKILL.`,
  );
}

/** The programs that stand for the container itself. */
const initPrograms =
  /^(\/gantry\/bin\/step-init|\/sbin\/docker-init|\/dev\/init|\/run\/podman-init|\S*catatonit)( |$)/;

/** Empty when they cannot be told: the step is killed all the same. */
async function runningCommands(daemon: Daemon, container: string): Promise<string[]> {
  try {
    return (await listCommands(daemon, container)).filter((command) => !initPrograms.test(command));
  } catch {
    return [];
  }
}
