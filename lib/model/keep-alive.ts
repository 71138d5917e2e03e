import { z } from 'zod';
import { keepWhens } from './keep-when';

export const maxKeepMs = 7 * 24 * 60 * 60 * 1000;
export const defaultKeepMs = 60 * 60 * 1000;

export const keepWhen = z.enum(keepWhens);
export type KeepWhen = z.infer<typeof keepWhen>;

export const keepForMs = z.int().min(60_000).max(maxKeepMs);

/** Whether the environment stays up after the end of the execution, and how long. */
export const keepRule = z.object({ when: keepWhen, forMs: keepForMs });
export type KeepRule = z.infer<typeof keepRule>;
