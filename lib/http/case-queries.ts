import { z } from 'zod';
import { caseSorts } from '../store/case-store';
import { pageCursor, pageLimit } from './execution-queries';

export const caseStates = ['passed', 'failed', 'skipped', 'flaky', 'slower', 'muted'] as const;

export const casesQuery = z.strictObject({
  suite: z.string().min(1).max(300).optional(),
  step: z.string().min(1).max(300).optional(),
  state: z
    .enum(caseStates)
    .optional()
    .describe('By the newest result: `failed` includes errored cases. `flaky`, `slower`: by the newest 100.'),
  q: z.string().min(1).max(200).optional().describe('Part of the name, class, suite or file.'),
  sort: z
    .enum(caseSorts)
    .optional()
    .describe(
      '`flaky`, `newest_failure` and `slower` list those cases alone, the most telling 500 of them, by the newest 100 reports of each step and 2,000 reports of all. `name` is the default.',
    ),
  limit: pageLimit(100),
  cursor: pageCursor,
});
export type CasesQuery = z.infer<typeof casesQuery>;
