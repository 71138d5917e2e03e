import { constants } from 'node:os';
import { AppError } from '../model/errors';
import type { PlannedNode } from '../model/node';
import type { StepOutcome } from './backend';

/** How a container has ended, as its vendor tells. */
export interface ContainerEnd {
  exitCode: number;
  /** Some process of it was killed for want of memory. */
  oomKilled: boolean;
}

/** What Gantry itself did to the container. */
export interface Ending {
  ended: StepOutcome['ended'];
  /** The last signal, by name. */
  sent: string | null;
  reason: string | null;
}

/** The container's end in the contract's words. */
export function outcomeOf(
  { exitCode, oomKilled }: ContainerEnd,
  ending: Ending,
  node: PlannedNode,
): StepOutcome {
  const isOutOfMemory = oomKilled && exitCode === 137 && ending.sent !== 'SIGKILL';
  const limit =
    node.resources.memoryBytes === null ? 'of this machine' : formatBytes(node.resources.memoryBytes);
  return {
    ended: ending.ended,
    exitCode,
    signal: signalOf(exitCode),
    oomKilled: isOutOfMemory,
    reason: ending.reason ?? exitReason(exitCode, isOutOfMemory, limit, ending),
    warnings:
      oomKilled && !isOutOfMemory
        ? [
            `A process of this step ran out of memory and was killed, although the step went on: limit ${limit}.`,
          ]
        : [],
  };
}

/** 16777216 is `16 MiB`, 16000000 is `16 MB`. */
export function formatBytes(bytes: number): string {
  const units = [
    { size: 2 ** 30, name: 'GiB' },
    { size: 1e9, name: 'GB' },
    { size: 2 ** 20, name: 'MiB' },
    { size: 1e6, name: 'MB' },
    { size: 2 ** 10, name: 'KiB' },
    { size: 1e3, name: 'kB' },
  ];
  const unit = units.find(({ size }) => bytes >= size && bytes % size === 0);
  return unit ? `${bytes / unit.size} ${unit.name}` : `${bytes} bytes`;
}

function exitReason(exitCode: number, isOutOfMemory: boolean, limit: string, ending: Ending): string | null {
  if (isOutOfMemory) return `out of memory: limit ${limit}`;
  if (exitCode === 137 && ending.sent === null)
    return 'killed from outside; there is no word of an out-of-memory kill';
  return null;
}

/** The signal of an exit code of 128 + its number, which is how shells and engines tell; null for any other code. */
export function signalOf(exitCode: number): string | null {
  const [name] = Object.entries(constants.signals).find(([, number]) => exitCode === 128 + number) ?? [];
  return name ?? null;
}

/** Parses the vendor's time of an end. Empty if there is none, which some vendors write as the year 1. */
export function endTimeOf(
  finishedAt: string | null | undefined,
  clock?: string,
): Pick<StepOutcome, 'endedAtMs' | 'endClock'> {
  const endedAtMs = Date.parse(finishedAt ?? '');
  return endedAtMs > 0 ? { endedAtMs, ...(clock === undefined ? {} : { endClock: clock }) } : {};
}

/** What a call settles with that was told to let go. */
export const detached: StepOutcome = {
  ended: 'stopped',
  exitCode: null,
  signal: null,
  oomKilled: false,
  reason: 'handed over while it runs',
  warnings: [],
};

/** Throws when nobody has asked for it. */
export function neverStarted(signal: AbortSignal): StepOutcome {
  if (!signal.aborted) throw new AppError('internal', 'a step was given up without being asked to');
  return { ...detached, reason: 'stopped before its program was started' };
}
