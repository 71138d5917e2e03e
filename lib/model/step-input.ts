import { z } from 'zod';

/** `$GANTRY_INPUTS` in a container. Elsewhere what goes below it goes below a folder of the attempt's own. */
export const inputsFolder = '/gantry/inputs';

/** Artifacts of an earlier step that a step gets into its container. */
export const inputRule = z.object({
  /** The id of the step that exported them. */
  from: z.string(),
  /** A glob, as in `export`. */
  path: z.string(),
  /** An absolute folder. */
  to: z.string(),
});
export type InputRule = z.infer<typeof inputRule>;

/** Tells whether a path is `$GANTRY_INPUTS` or below it. */
export function isBelowInputs(path: string): boolean {
  return path === inputsFolder || path.startsWith(`${inputsFolder}/`);
}

/** One file that is put into a step's container before it starts. */
export const stepInput = z.object({
  /** Where the artifact is stored: another execution when its step's result was taken over. */
  executionId: z.string(),
  artifactId: z.string(),
  /** An absolute path in the container. */
  target: z.string(),
  bytes: z.int(),
  /** Hex. */
  sha256: z.string(),
});
export type StepInput = z.infer<typeof stepInput>;
