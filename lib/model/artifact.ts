import { z } from 'zod';
import { limitedText } from './limits';
import { exportFormat } from './node';

/** A file that a step exported. */
export const artifact = z.object({
  id: z.string(),
  stepId: z.string(),
  attempt: z.int(),
  /** Relative to `$GANTRY_ARTIFACTS`, `/`-separated. */
  path: z.string(),
  /** `auto` for a report whose content is in no format that Gantry reads. */
  format: exportFormat,
  bytes: z.int(),
  /** Hex. */
  sha256: z.string(),
});
export type Artifact = z.infer<typeof artifact>;

/** Something in `$GANTRY_ARTIFACTS` that is no regular file, and so is not exported. */
export const notExported = z.object({
  path: limitedText,
  type: z.enum(['link', 'hard link', 'special file']),
  /** Target of the link as stored; null when it is no link or cannot be read. */
  target: limitedText.nullable(),
});
export type NotExported = z.infer<typeof notExported>;
/** More of one attempt are not told. */
export const maxNotExported = 100;
