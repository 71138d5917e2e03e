import { z } from 'zod';
import { auditAction, auditOutcome } from '../model/audit';
import { pageCursor, pageLimit } from './execution-queries';

export const auditQuery = z.strictObject({
  action: auditAction.optional(),
  actor: z.string().min(1).max(300).optional().describe('A name, or the id of a token or session.'),
  subject: z.string().min(1).max(300).optional().describe('An id.'),
  outcome: auditOutcome.optional(),
  limit: pageLimit(200),
  cursor: pageCursor,
});

export const auditExportQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'expected the id of an entry')
    .default('0')
    .describe('Id of the last entry that is not wanted.'),
});
