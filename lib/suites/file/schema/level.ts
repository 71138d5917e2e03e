import { z } from 'zod';

/** The mappings of a suite's files in which people try keys of other tools. */
export type Level =
  | 'suite'
  | 'step'
  | 'defaults'
  | 'ready'
  | 'healthcheck'
  | 'resources'
  | 'retries'
  | 'export'
  | 'profile';

/** Names the level of a mapping: `.register(levels, { level: 'step' })`. */
export const levels = z.registry<{ level: Level }>();
