import { z } from 'zod';

/** What a step wrote into `$GANTRY_OUTPUT`, by name. */
export const outputs = z.record(z.string(), z.string());
export type Outputs = z.infer<typeof outputs>;

/** `$GANTRY_OUTPUT` is this file in `$GANTRY_ARTIFACTS`. It is no artifact. */
export const outputFile = '.gantry-output';

/** How much one attempt may put out. */
export const maxOutputs = 50;
export const maxOutputCharacters = 32_768;
export const maxOutputFileBytes = 262_144;
