import { z } from 'zod';
import { auditActions, auditOutcomes } from './audit-action';

export const auditAction = z.enum(auditActions);
export type AuditAction = z.infer<typeof auditAction>;

export const auditSubjectKind = z.enum([
  'execution',
  'environment',
  'settings',
  'profile',
  'session',
  'agent',
  'job',
  'token',
  'case',
  'schedule',
  'webhook',
  'trigger',
  'user',
  'grant',
]);
export type AuditSubjectKind = z.infer<typeof auditSubjectKind>;

export const auditOutcome = z.enum(auditOutcomes);
export type AuditOutcome = z.infer<typeof auditOutcome>;

export const auditActor = z.object({
  /** `person`: a browser's session. `token`: an API token. */
  kind: z.enum(['person', 'token', 'agent', 'anonymous']),
  /** Id of the token or session of the request. */
  id: z.string().nullable(),
  name: z.string(),
});
export type AuditActor = z.infer<typeof auditActor>;

/** Anything that JSON can say. */
export const auditDetailValue = z.json();

export const auditEntry = z.object({
  id: z.string(),
  at: z.string(),
  actor: auditActor,
  action: auditAction,
  subject: z.object({ kind: auditSubjectKind, id: z.string() }),
  outcome: auditOutcome,
  /** Never a secret, nor the value of any env. */
  detail: z.record(z.string(), auditDetailValue),
  /** Address of the client, from the nearest trusted proxy or the connection; null when unknown. */
  address: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'>;
export type AuditDetail = AuditEntry['detail'];
