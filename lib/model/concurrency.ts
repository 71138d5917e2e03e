import { z } from 'zod';

/** Which executions do not run at the same time: those of one group, of whatever suite, beyond `max`. */
export const concurrency = z.object({
  group: z.string(),
  max: z.int().min(1),
  /** A newer execution of the group cancels those that it would have to wait for. */
  cancelRunning: z.boolean(),
});
export type Concurrency = z.infer<typeof concurrency>;
