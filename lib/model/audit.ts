import { z } from 'zod';

/** Everything that the audit log knows to be done: a closed list. */
export const auditAction = z.enum([
  'execution.launch',
  'execution.cancel',
  'execution.rerun',
  'environment.reap',
  'environment.reap_all',
  /** Result of a reap: one entry for each environment. */
  'environment.reaped',
  'environment.extend',
  'exec.open',
  'exec.close',
  'settings.change',
  'registry.test',
  'profile.make',
  'profile.change',
  'profile.remove',
  'session.sign_in',
  'session.sign_out',
  'session.revoke',
  'session.revoke_all',
  'user.add',
  'user.change',
  /** A new invitation: the password counts no more, and the person is signed out everywhere. */
  'user.reset',
  'password.set',
  'sign_in_link.make',
  'stream_token.make',
  'agent.register',
  'agent.drain',
  'agent.undrain',
  'agent.remove',
  /** An agent's call about a job, or for one. */
  'agent.control',
  'token.make',
  'token.rotate',
  'token.revoke',
  'grant.save',
  'grant.remove',
  'case.mute',
  'case.unmute',
  'schedule.make',
  'schedule.change',
  'schedule.remove',
  'webhook.make',
  'webhook.change',
  'webhook.remove',
  'webhook.send_again',
  'trigger.make',
  'trigger.change',
  'trigger.remove',
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
  'case',
  'schedule',
  'webhook',
  'trigger',
  'user',
  'grant',
]);
export type AuditSubjectKind = z.infer<typeof auditSubjectKind>;

/** `refused`: it was not allowed, or not as things stood. `failed`: allowed, and it did not come about. */
export const auditOutcome = z.enum(['allowed', 'refused', 'failed']);
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
