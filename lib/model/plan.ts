import { z } from 'zod';
import { concurrency } from './concurrency';
import { keepRule } from './keep-alive';
import { suiteKeyLines } from './key-lines';
import { plannedNode } from './node';
import { launchValues } from './template';

export const suiteIdentity = z.object({
  id: z.string(),
  title: z.string(),
  repository: z.string().nullable(),
  version: z.string().nullable(),
});
export type SuiteIdentity = z.infer<typeof suiteIdentity>;

/** A suite under a profile, resolved to a flat, ordered topology: all that is needed to run it. */
export const plan = z.object({
  suite: suiteIdentity,
  profile: z.string(),
  /** Digest of the suite's own package. */
  packageDigest: z.string(),
  failFast: z.boolean(),
  /** Limit of the whole execution in milliseconds. */
  timeoutMs: z.int().nullable(),
  concurrency: concurrency.nullable(),
  /** How long a step may wait for an agent; absent: an hour. */
  waitTimeoutMs: z.int().positive().optional(),
  /** Given at launch. */
  keep: keepRule.nullish(),
  /** Given at launch; absent where it gave none. */
  launchValues: launchValues.nullish(),
  /** In ready order; the order in the suite's file on ties. */
  nodes: z.array(plannedNode),
  warnings: z.array(z.string()),
  /** One per suite of the plan, nested ones included; absent in plans of earlier releases. */
  keyLines: z.array(suiteKeyLines).nullish(),
});
export type Plan = z.infer<typeof plan>;
