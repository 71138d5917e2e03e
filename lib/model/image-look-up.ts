import { z } from 'zod';
import { type PlannedNode, plannedNode } from './node';
import type { RegistryLogin } from './registry-login';

/** The most images of a launch that are looked up. Each is a request to the engine, and to its registry if it is missing. */
export const maxLookedUp = 100;

/** An image that steps of a launch will need. */
export const lookedUpImage = z.object({
  name: z.string().max(1_000),
  /** Such as `linux/arm64`; null: that of whoever runs it. */
  platform: z.string().max(100).nullable(),
  /** `never`: no step of the plan pulls it. */
  pull: plannedNode.shape.pull,
  steps: z.array(z.string().max(1_000)).max(10_000),
});
export type LookedUpImage = z.infer<typeof lookedUpImage>;

/**
 * Of each image whether it is missing where it will run and, as far as its registry answers within seconds, cannot be
 * pulled: a sentence with the image, its steps, the reason and a similar image, else null, also where nobody can tell.
 * With `registries` null no registry is asked. `nodes`: all steps of the launch, which say what they need of where they
 * run. Pulls nothing and never rejects.
 */
export type LookUpImages = (
  images: readonly LookedUpImage[],
  registries: { registryLogin?(host: string): Promise<RegistryLogin | null> } | null,
  nodes?: readonly PlannedNode[],
) => Promise<(string | null)[]>;
