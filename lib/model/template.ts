import { z } from 'zod';

/** Who gave a variable of a suite its value: the file itself, the profile, or who launched it. */
export const variableLayer = z.enum(['suite', 'profile', 'launch']);
export type VariableLayer = z.infer<typeof variableLayer>;

/** A part of a value that is not known before the step starts. */
export const laterPart = z.union([
  /** An output of a step, by the step's id in the whole plan. */
  z.object({ step: z.string(), output: z.string() }),
  z.object({ execution: z.literal('id') }),
]);

/** A value of a step that its suite writes with `${{ … }}`. */
export const plannedTemplate = z.object({
  /** The keys that lead to the value in the node, such as `env` and `API_URL`, or `command` and 2. */
  at: z.array(z.union([z.string(), z.int()])).min(1),
  /** As it is written. */
  text: z.string(),
  /** The layers of the suite's variables in it, by name. */
  vars: z.record(z.string(), variableLayer),
  /** What the value is made of when the step starts; null when the node has the whole value already. */
  parts: z.array(z.union([z.string(), laterPart])).nullable(),
});
export type PlannedTemplate = z.infer<typeof plannedTemplate>;

/** The values that a launch chose: kept with the plan, for whoever repeats it. */
export const launchValues = z.object({
  vars: z.record(z.string(), z.string()),
  /** Images by step id. */
  images: z.record(z.string(), z.string()),
  /** The keys of the secrets that it brought: who repeats it has to bring them again. */
  secrets: z.array(z.string()).optional(),
  /** The steps that it named; absent: all. */
  onlySteps: z.array(z.string()).optional(),
});
export type LaunchValues = z.infer<typeof launchValues>;

/** Fits the names of a suite's variables and of outputs. */
export const valueNamePattern = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_-]{0,99}$/;

/** Words as they are written to any shell, and without a meaning for one. */
const plainInScripts = /^[\w./:@%+,=-]*$/;
/** Options that are followed by the text of a program. */
const takesProgram = /^(?:-[a-z]*[cep]|--(?:eval|print|command|execute|exec))$/i;

/** Tells whether an argument is the text of a program, in which a value could become a command. */
export function isProgramText(argv: readonly string[], index: number): boolean {
  return index > 0 && takesProgram.test(argv[index - 1] ?? '');
}

/** Tells whether a value means itself in every script. */
export function isPlainInScripts(value: string): boolean {
  return plainInScripts.test(value);
}

/** Why a value may not be put into a script, in one sentence that does not show it. */
export function explainUnfit(name: string): string {
  return `the value of ${name} has other characters than letters, digits and "_./:@%+,=-", so a script could take it for a command: give it to the step in "env", and use the variable in quotes`;
}
