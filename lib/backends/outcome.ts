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
  sent: 'SIGTERM' | 'SIGKILL' | null;
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
  const signal = signalOf(exitCode, isOutOfMemory, ending);
  return {
    ended: ending.ended,
    exitCode,
    signal,
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
    return 'killed by SIGKILL from outside, not for want of memory';
  return null;
}

function signalOf(exitCode: number, isOutOfMemory: boolean, ending: Ending): string | null {
  if (isOutOfMemory) return 'SIGKILL';
  if (exitCode === 137 && ending.sent === 'SIGKILL') return 'SIGKILL';
  if (exitCode === 143 && ending.sent !== null) return 'SIGTERM';
  return null;
}

/** What a call settles with that was told to let go. */
export const handedOver: StepOutcome = {
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
  return { ...handedOver, reason: 'stopped before its program was started' };
}
