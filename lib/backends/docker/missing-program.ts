import { AppError } from '../../model/errors';
import type { OutputLine } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import { defaultImage } from '../container-facts';

/**
 * Docker's init process (tini) runs the step's program: where that is missing, the container starts all the same,
 * prints tini's sentence as its only line and ends with 127 or 126.
 */
export function watchForMissingProgram(step: StepSpec) {
  let first: OutputLine | null = null;
  let count = 0;

  return {
    feed(lines: readonly OutputLine[]): void {
      first ??= lines[0] ?? null;
      count += lines.length;
    },
    /** Throws AppError `backend_failed` when that is what has happened. */
    check(exitCode: number): void {
      if (count !== 1 || first?.stream !== 'stderr' || (exitCode !== 127 && exitCode !== 126)) return;
      const [, program, why] = /^\[FATAL tini \(\d+\)\] exec (.*) failed: (.*)$/.exec(first.text) ?? [];
      if (program === undefined) return;
      const image = step.node.image ?? defaultImage;
      throw new AppError(
        'backend_failed',
        `Step ${step.stepId}: the command ${JSON.stringify(program)} cannot be run in the image ${image}: ${why}.`,
      );
    },
  };
}
