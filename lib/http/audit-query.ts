import { z } from 'zod';
import { auditAction, auditOutcome } from '../model/audit';
import { pageLimit } from './execution-queries';

/** `?action=&actor=&subject=&outcome=&limit=&cursor=` */
export const auditQuery = z.strictObject({
  action: auditAction.optional(),
  /** A name, or the id of a token or session. */
  actor: z.string().min(1).max(300).optional(),
  /** An id. */
  subject: z.string().min(1).max(300).optional(),
  outcome: auditOutcome.optional(),
  limit: pageLimit(200),
  cursor: z.string().max(500).optional(),
});
