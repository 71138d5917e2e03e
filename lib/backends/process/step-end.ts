import { constants } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { StepOutcome } from '../backend';
import { signalOf } from '../outcome';
import { readIfThere, writeWhole } from './scratch';

const stop = z.object({ ended: z.enum(['exited', 'stopped', 'not_ready']), reason: z.string().nullable() });
/** That Gantry ended the program, and why. Kept in a file, for whoever comes back. */
export type Stop = z.infer<typeof stop>;

export async function writeStop(folder: string, request: Stop): Promise<void> {
  await writeWhole(path.join(folder, 'stop.json'), JSON.stringify(request));
}

export async function readStop(folder: string): Promise<Stop | null> {
  const text = await readIfThere(path.join(folder, 'stop.json'));
  return text === null ? null : stop.parse(JSON.parse(text));
}

/** Throws when the program is gone without an exit code and it was not Gantry that killed it. */
export function outcomeOf(step: StepSpec, end: number | 'lost', request: Stop | null): StepOutcome {
  if (end === 'lost' && request === null) {
    throw new AppError(
      'backend_failed',
      `Step ${step.stepId}: its processes are gone without an exit code; they were killed from outside or the machine was restarted.`,
    );
  }
  const exitCode = end === 'lost' ? 128 + constants.signals.SIGKILL : end;
  return {
    ended: request?.ended ?? 'exited',
    exitCode,
    signal: signalOf(exitCode),
    oomKilled: false,
    reason: request?.reason ?? null,
    warnings: [],
  };
}
