import type { Step } from './execution';
import type { Outputs } from './outputs';

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
