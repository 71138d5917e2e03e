import { z } from 'zod';

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

/** What an environment made and what became of it. */
export const removalReceipt = z.object({
  created: z.int(),
  removed: z.int(),
  /** What is still there, each with the reason. */
  left: z.array(z.object({ kind: resourceKind, name: z.string(), reason: z.string() })),
});
export type RemovalReceipt = z.infer<typeof removalReceipt>;
