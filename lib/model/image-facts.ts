import { z } from 'zod';

/** The image that an attempt ran, as its vendor tells. What it does not tell is null. */
export const imageFacts = z.object({
  /** As the step names it. */
  name: z.string().max(1_000),
  /** Of the image itself, `sha256:…`. */
  id: z.string().max(200).nullable(),
  /** Where a registry is known to have the very same one: `nginx@sha256:…`. Null for an image that was made here. */
  digest: z.string().max(2_000).nullable(),
  /** Such as `linux/amd64`. */
  platform: z.string().max(100).nullable(),
});
export type ImageFacts = z.infer<typeof imageFacts>;
