import { z } from 'zod';

/** A file that a step exported. */
export const artifact = z.object({
  id: z.string(),
  stepId: z.string(),
  attempt: z.int(),
  /** Relative to `$GANTRY_ARTIFACTS`, `/`-separated. */
  path: z.string(),
  format: z.enum(['file', 'junit', 'cobertura']),
  bytes: z.int(),
  /** Hex. */
  sha256: z.string(),
});
export type Artifact = z.infer<typeof artifact>;
