import { z } from 'zod';

/** Everything that the audit log knows to be done: a closed list. */
export const auditAction = z.enum([
  'execution.launch',
  'execution.cancel',
  'execution.rerun',
  'environment.reap',
  'environment.reap_all',
  /** What came of a reap: one entry for each environment. */
  'environment.reaped',
  'environment.extend',
  'exec.open',
  'exec.close',
  'settings.change',
  'profile.make',
  'profile.change',
  'profile.remove',
  'session.sign_in',
  'session.sign_out',
  'sign_in_link.make',
  'agent.register',
  'agent.drain',
  'agent.undrain',
  'agent.remove',
  /** An agent's call about a job, or for one. */
  'agent.control',
  'token.make',
  'token.revoke',
]);
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
]);
export type AuditSubjectKind = z.infer<typeof auditSubjectKind>;

/** `refused`: it was not allowed, or not as things stood. `failed`: allowed, and it did not come about. */
export const auditOutcome = z.enum(['allowed', 'refused', 'failed']);
export type AuditOutcome = z.infer<typeof auditOutcome>;

export const auditActor = z.object({
  /** `person`: a browser's session. `token`: an API token. */
  kind: z.enum(['person', 'token', 'agent', 'anonymous']),
  /** Of the token or session that was shown. */
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
  /** As the nearest proxy says, or the connection; null when neither does. */
  address: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'>;
export type AuditDetail = AuditEntry['detail'];
