import { z } from 'zod';
import { limitedList } from './limits';

export const resourceKind = z.enum([
  'container',
  'network',
  'volume',
  'folder',
  'process',
  'pod',
  'namespace',
  'service',
  'secret',
]);
export type ResourceKind = z.infer<typeof resourceKind>;

/** The row of one resource: written before it is made, closed when it is gone. */
export const resourceRow = z.object({
  kind: resourceKind,
  name: z.string(),
  stepId: z.string().nullable(),
  attempt: z.int().nullable(),
  intendedAt: z.string(),
  /** Null: it was never seen. */
  madeAt: z.string().nullable(),
  /** It is gone, or was never made. */
  removedAt: z.string().nullable(),
  removedBy: z.string().nullable(),
  /** Why the last removal failed. */
  leftReason: z.string().nullable(),
});
export type ResourceRow = z.infer<typeof resourceRow>;

/** How many things an environment may be said to have. */
export const maxResources = 100_000;

/** The resources of an environment: how many were created, removed and left. */
export const removalReceipt = z.object({
  created: z.int(),
  removed: z.int(),
  /** Resources that still exist, each with the reason. */
  left: limitedList(
    z.object({ kind: resourceKind, name: z.string().max(1_000), reason: z.string().max(100_000) }),
    maxResources,
  ),
});
export type RemovalReceipt = z.infer<typeof removalReceipt>;
