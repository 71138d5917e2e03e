import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { Store, Token } from '../store/store';
import type { User } from '../store/user-store';
import { hashToken, newTokenText } from './token-text';

/** How long a session lasts: at the most, and without a request. */
export interface SessionLimits {
  sessionMs: number;
  sessionIdleMs: number;
}

/** Where a session is begun from. */
export interface SessionOrigin {
  address: string | null;
  userAgent: string | null;
}

export interface SessionDependencies {
  clock: Clock;
  store: Pick<Store, 'tokens' | 'users'>;
  config: SessionLimits;
}

/** A new session; `text` is what the browser's cookie holds. */
export interface BegunSession {
  text: string;
  expiresAt: string;
  session: Token;
}

/**
 * Exchanges a sign-in token (used up by this), which signs the first admin in, or an API token for a session; one that
 * was begun with an API token ends with it. Rejects with `unauthorized`.
 */
export async function startSession(
  deps: SessionDependencies,
  token: string,
  origin: SessionOrigin,
): Promise<BegunSession> {
  const hash = hashToken(token);
  if (await deps.store.tokens.consume(hash, 'sign_in')) {
    const admin = await deps.store.users.firstAdmin();
    if (!admin.isDisabled) return beginSession(deps, admin, origin);
    throw new AppError(
      'unauthorized',
      `Sign-in links sign ${admin.name} in, who is disabled. \`npm run gantry -- user enable ${admin.id}\` changes that.`,
    );
  }
  const known = await deps.store.tokens.find(hash, ['api']);
  if (!known) {
    throw new AppError(
      'unauthorized',
      'This sign-in link was used already, has expired, or is not one of ours. `npm run gantry -- sign-in` prints a new one.',
    );
  }
  return addSession(deps, { ...known, madeFrom: known.id, userId: undefined }, origin);
}

/** A session of this person, who has shown who they are: just now, or at `provenAt`. */
export function beginSession(
  deps: SessionDependencies,
  user: Pick<User, 'id' | 'name' | 'role'>,
  origin: SessionOrigin,
  provenAt?: Date,
): Promise<BegunSession> {
  return addSession(
    deps,
    { name: user.name, role: user.role, userId: user.id, expiresAt: null },
    origin,
    provenAt,
  );
}

async function addSession(
  { clock, store, config }: SessionDependencies,
  bearer: Pick<Token, 'name' | 'role' | 'expiresAt' | 'suites'> & { userId?: string; madeFrom?: string },
  { address, userAgent }: SessionOrigin,
  provenAt?: Date,
): Promise<BegunSession> {
  const text = newTokenText('session');
  const latest = new Date(clock.now().getTime() + config.sessionMs).toISOString();
  const expiresAt = bearer.expiresAt !== null && bearer.expiresAt < latest ? bearer.expiresAt : latest;
  const { name, role, userId, madeFrom, suites } = bearer;
  const session = await store.tokens.add(
    {
      kind: 'session',
      name,
      role,
      expiresAt,
      ...(userId === undefined ? {} : { userId }),
      ...(madeFrom === undefined ? {} : { madeFrom }),
      ...(suites === undefined ? {} : { suites }),
      session: {
        idleSeconds: Math.ceil(config.sessionIdleMs / 1_000),
        address,
        userAgent: userAgent?.slice(0, 300) ?? null,
        ...(provenAt === undefined ? {} : { provenAt: provenAt.toISOString() }),
      },
    },
    hashToken(text),
  );
  return { text, expiresAt, session };
}
