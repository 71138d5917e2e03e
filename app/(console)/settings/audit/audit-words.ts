import type { AuditAction, AuditEntry } from '@/lib/model/audit';

/** What was done, as it follows a name; and what was to be done. */
const actionWords: Record<AuditAction, [done: string, toDo: string]> = {
  'execution.launch': ['launched', 'launch'],
  'execution.cancel': ['cancelled', 'cancel'],
  'execution.rerun': ['ran again', 'run again'],
  'environment.reap': ['asked to reap', 'reap'],
  'environment.reap_all': ['asked to reap all', 'reap all'],
  'environment.reaped': ['reaped', 'reap'],
  'environment.extend': ['kept longer', 'keep longer'],
  'exec.open': ['ran a command in', 'run a command in'],
  'exec.close': ['ended a command in', 'end a command in'],
  'settings.change': ['changed the settings', 'change the settings'],
  'profile.make': ['made the profile', 'make the profile'],
  'profile.change': ['changed the profile', 'change the profile'],
  'profile.remove': ['removed the profile', 'remove the profile'],
  'session.sign_in': ['signed in', 'sign in'],
  'session.sign_out': ['signed out', 'sign out'],
  'sign_in_link.make': ['made a sign-in link', 'make a sign-in link'],
  'agent.register': ['registered', 'register'],
  'agent.drain': ['drained', 'drain'],
  'agent.undrain': ['ended the drain of', 'end the drain of'],
  'agent.remove': ['removed the agent', 'remove the agent'],
  'agent.control': ['reported on', 'report on'],
  'token.make': ['made the token', 'make the token'],
  'token.revoke': ['revoked the token', 'revoke the token'],
};

/** What follows the name of who did it, up to what it was done to. */
export function deedWords({ action, outcome }: AuditEntry): string {
  const [done, toDo] = actionWords[action];
  if (outcome === 'allowed') return done;
  return outcome === 'refused' ? `was not allowed to ${toDo}` : `could not ${toDo}`;
}

/** Where the subject is shown; null where it has no page. */
export function placeOf({ subject: { kind, id } }: AuditEntry): string | null {
  if (id === '') return null;
  if (kind === 'execution' || kind === 'environment') return `/executions/${encodeURIComponent(id)}`;
  return null;
}

/** `key value` of each, without what is empty. */
export function detailWords({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
}
