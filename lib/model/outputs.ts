import { z } from 'zod';
import type { Step } from './execution';

/** What a step wrote into `$GANTRY_OUTPUT`, by name. */
export const outputs = z.record(z.string(), z.string());
export type Outputs = z.infer<typeof outputs>;

/** `$GANTRY_OUTPUT` is this file in `$GANTRY_ARTIFACTS`. It is no artifact. */
export const outputFile = '.gantry-output';

/** How much one attempt may put out. */
export const maxOutputs = 50;
export const maxOutputCharacters = 32_768;
export const maxOutputFileBytes = 262_144;

/** The outputs of a step: those of the attempt that passed. Null when it has not passed, and so has none. */
export function outputsOf({
  status,
  takeOver,
  attempts,
}: Pick<Step, 'status' | 'takeOver' | 'attempts'>): Outputs | null {
  if (status !== 'passed') return null;
  if (takeOver?.from) return takeOver.outputs ?? {};
  return attempts.at(-1)?.outputs ?? {};
}
