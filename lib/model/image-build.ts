import { z } from 'zod';

/** How a container image is made of the suite's own files. */
export const imageBuild = z.object({
  /** The folder of the package whose files the build may copy; `.` is all of it. */
  context: z.string(),
  /** The path of the Dockerfile in the package; null: its text is `inline`. */
  dockerfile: z.string().nullable(),
  inline: z.string().nullable(),
  /** The stage that is wanted; null: the last one. */
  target: z.string().nullable(),
  /** Values for `ARG`. They are part of the image and of its history: no place for secrets. */
  args: z.record(z.string(), z.string()),
});
export type ImageBuild = z.infer<typeof imageBuild>;
