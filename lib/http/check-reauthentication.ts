import type { Principal } from '../identity/principal';
import { AppError } from '../model/errors';
import type { Role } from '../store/store';
import { type ReauthenticationNeed, reauthenticationNeeds } from './reauthentication-needs';

interface CheckedRoute {
  access: Role | 'public';
  method?: string;
  path?: string;
}

/** The route's entry in `reauthenticationNeeds`. Throws if the table lacks the route. */
export function reauthenticationNeedOf({ access, method, path }: CheckedRoute): ReauthenticationNeed {
  if (access === 'public' || access === 'agent' || path === undefined || method === 'GET') return 'never';
  const need = reauthenticationNeeds[`${method} ${path}`];
  if (need === undefined)
    throw new Error(
      `${method} ${path}: whether it needs a recent sign-in must be said in reauthentication-needs.ts`,
    );
  return need;
}

/**
 * Rejects with `reauthentication_required` where the route needs a recent sign-in and the session's is older. `body`:
 * undefined as long as it has not been read.
 */
export function checkReauthentication(
  config: { reauthenticationMs: number },
  need: ReauthenticationNeed,
  principal: Principal,
  body: unknown,
): void {
  const isNeeded =
    need === 'always' ||
    (need === 'with secrets' && hasSecrets(body)) ||
    (need === 'but to disable' && body !== undefined && !isToDisable(body));
  if (isNeeded) mustBeProven(config, principal);
}

/** Throws `reauthentication_required` for a session whose person has not shown for too long who they are. */
export function mustBeProven(
  { reauthenticationMs }: { reauthenticationMs: number },
  { provenMsAgo }: Pick<Principal, 'provenMsAgo'>,
): void {
  if (provenMsAgo === undefined || provenMsAgo <= reauthenticationMs) return;
  throw new AppError(
    'reauthentication_required',
    `This needs that you have shown who you are in the last ${inMinutes(reauthenticationMs)}, and ${howLongAgo(provenMsAgo)}: confirm it (\`POST /api/v1/session/reauthentication\`), or sign in again, and then send this once more.`,
  );
}

function hasSecrets(body: unknown): boolean {
  const secrets = typeof body === 'object' && body !== null && 'secrets' in body ? body.secrets : undefined;
  return typeof secrets === 'object' && secrets !== null && Object.keys(secrets).length > 0;
}

/** Tells whether the body disables a person, and nothing more. */
function isToDisable(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const given = Object.entries(body).filter(([, value]) => value !== undefined);
  return given.length === 1 && 'disabled' in body && body.disabled === true;
}

function howLongAgo(provenMsAgo: number): string {
  return Number.isFinite(provenMsAgo)
    ? `it was ${inMinutes(provenMsAgo)} ago`
    : 'your identity provider has not said when it was';
}

function inMinutes(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
