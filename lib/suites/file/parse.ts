import type { z } from 'zod';
import { collectIssues, defaultWording } from './collect-issues';
import type { Issue } from './issue';

/** The outcome of parsing: the data, or all that is wrong with it. */
export type Parsed<T> = { data: T; issues: [] } | { data: null; issues: Issue[] };

/** Parses plain JSON by a schema. Every issue names its path, what was expected and what was found. */
export function parseBy<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const result = schema.safeParse(value, { error: defaultWording });
  if (result.success) return { data: result.data, issues: [] };
  return { data: null, issues: collectIssues(schema, value, result.error.issues) };
}
