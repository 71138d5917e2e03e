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

/** What an environment made and what became of it. */
export const removalReceipt = z.object({
  created: z.int(),
  removed: z.int(),
  /** What is still there, each with the reason. */
  left: z.array(z.object({ kind: resourceKind, name: z.string(), reason: z.string() })),
});
export type RemovalReceipt = z.infer<typeof removalReceipt>;
