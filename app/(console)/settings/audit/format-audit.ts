import type { AuditAction, AuditEntry } from '@/lib/model/audit';

/** Labels of actions: as done (after a name) and as attempted. */
const actionLabels: Record<AuditAction, [done: string, toDo: string]> = {
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
  'registry.test': ['tested a login for a registry in', 'test a login for a registry in'],
  'profile.make': ['made the profile', 'make the profile'],
  'profile.change': ['changed the profile', 'change the profile'],
  'profile.remove': ['removed the profile', 'remove the profile'],
  'session.sign_in': ['signed in', 'sign in'],
  'session.reauthenticate': ['confirmed who they are in the session', 'confirm who they are in the session'],
  'session.sign_out': ['signed out', 'sign out'],
  'session.revoke': ['signed out the session', 'sign out the session'],
  'session.revoke_all': ['signed out everywhere', 'sign out everywhere'],
  'user.add': ['added the person', 'add the person'],
  'user.change': ['changed the person', 'change the person'],
  'user.reset': ['reset the password of', 'reset the password of'],
  'password.set': ['set the password of', 'set the password of'],
  'sign_in_link.make': ['made a sign-in link', 'make a sign-in link'],
  'stream_token.make': ['made a token for streams', 'make a token for streams'],
  'agent.register': ['registered', 'register'],
  'agent.drain': ['drained', 'drain'],
  'agent.undrain': ['ended the drain of', 'end the drain of'],
  'agent.remove': ['removed the agent', 'remove the agent'],
  'agent.control': ['reported on', 'report on'],
  'token.make': ['made the token', 'make the token'],
  'token.rotate': ['rotated the token', 'rotate the token'],
  'token.revoke': ['revoked the token', 'revoke the token'],
  'grant.save': ['granted rights to suites', 'grant rights to suites'],
  'grant.remove': ['took rights to suites back', 'take rights to suites back'],
  'case.mute': ['muted the test case', 'mute the test case'],
  'schedule.make': ['made the schedule', 'make the schedule'],
  'schedule.change': ['changed the schedule', 'change the schedule'],
  'schedule.remove': ['removed the schedule', 'remove the schedule'],
  'webhook.make': ['made the webhook', 'make the webhook'],
  'webhook.change': ['changed the webhook', 'change the webhook'],
  'webhook.remove': ['removed the webhook', 'remove the webhook'],
  'webhook.send_again': ['sent a message again', 'send a message again'],
  'trigger.make': ['made the trigger', 'make the trigger'],
  'trigger.change': ['changed the trigger', 'change the trigger'],
  'trigger.remove': ['removed the trigger', 'remove the trigger'],
  'case.unmute': ['unmuted the test case', 'unmute the test case'],
};

/** Formats the action between the actor's name and the subject. */
export function formatAction({ action, outcome }: AuditEntry): string {
  const [done, toDo] = actionLabels[action];
  if (outcome === 'allowed') return done;
  return outcome === 'refused' ? `was not allowed to ${toDo}` : `could not ${toDo}`;
}

/** Where the subject is shown; null where it has no page. */
export function hrefOf({ subject: { kind, id } }: AuditEntry): string | null {
  if (id === '') return null;
  if (kind === 'execution' || kind === 'environment') return `/executions/${encodeURIComponent(id)}`;
  if (kind === 'case') return `/cases/${encodeURIComponent(id)}`;
  return null;
}

/** `key value` of each, without what is empty. */
export function formatDetail({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
}
