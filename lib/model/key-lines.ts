import { z } from 'zod';

/** Line numbers by key, a key of a mapping as `resources.memory`. `''` stands for the step itself. */
export const stepKeyLines = z.record(z.string(), z.int());
export type StepKeyLines = z.infer<typeof stepKeyLines>;

/** Where one suite of a plan sets what, so that advice about a step can name the line to change. */
export const suiteKeyLines = z.object({
  /** Of the ids of the suite's steps in the plan: empty, or `alias/` for each level of nesting. */
  prefix: z.string(),
  /** For a nested suite with the suite's id before it. */
  file: z.string(),
  defaults: stepKeyLines,
  /** By the step's id within the suite. */
  steps: z.record(z.string(), stepKeyLines),
});
export type SuiteKeyLines = z.infer<typeof suiteKeyLines>;

/** The name under which the line of the step itself is kept. No key is called so. */
export const wholeStep = '';
/** The name under which the line of the whole suite's time limit is kept, among the defaults. */
export const suiteTimeout = 'suite timeout';

/**
 * The place of a step's key: where the step sets it, else where the defaults do, else the step itself. Null when the suite
 * is not known or is not laid out in block style.
 */
export function placeOfKey(
  suites: readonly SuiteKeyLines[] | null | undefined,
  stepId: string,
  key: string | null,
): { file: string; line: number } | null {
  const name = stepId.slice(stepId.lastIndexOf('/') + 1);
  const prefix = stepId.slice(0, stepId.length - name.length);
  const suite = suites?.find((each) => each.prefix === prefix);
  // A step may be called `constructor`.
  const own = suite && Object.hasOwn(suite.steps, name) ? suite.steps[name] : undefined;
  if (!suite || !own) return null;
  const names = key === null ? [] : namesOf(key);
  const line =
    names.map((each) => own[each]).find(isLine) ??
    names.map((each) => suite.defaults[each]).find(isLine) ??
    own[wholeStep];
  return line === undefined ? null : { file: suite.file, line };
}

/** `resources.memory` may stand on the line of `resources`. */
function namesOf(key: string): string[] {
  const dot = key.indexOf('.');
  return dot < 0 ? [key] : [key, key.slice(0, dot)];
}

function isLine(line: number | undefined): line is number {
  return line !== undefined;
}
