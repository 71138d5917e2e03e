import { z } from 'zod';

/** The request by which a mock forgets what it was told and asked. */
export const mockReset = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  port: z.int(),
  path: z.string(),
});
export type MockReset = z.infer<typeof mockReset>;

/** One that is sent before an attempt. */
export const plannedReset = mockReset.extend({ stepId: z.string() });
export type PlannedReset = z.infer<typeof plannedReset>;
