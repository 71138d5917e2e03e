import { eq, sql as statement } from 'drizzle-orm';
import { userIdentities, users } from '../../../drizzle/people';
import { AppError } from '../../model/errors';
import type { UserSummary } from '../../model/user';
import type { User, UserStore } from '../user-store';
import { type Database, jsonValue } from './database';
import { newId } from './new-id';
import { translateErrors } from './translate-errors';

/** The id of the person that sign-in links of the server sign in. */
const firstAdminId = 'admin';

const fields = {
  id: users.id,
  email: users.email,
  name: users.name,
  role: users.role,
  passwordHash: users.passwordHash,
  isDisabled: statement<boolean>`${users.disabledAt} is not null`,
};

export function createUserStore({ sql, tables }: Database): UserStore {
  const summaries = (id: string | null) => sql<UserSummary[]>`
    select u.id, u.email, u.name, u.role, u.groups, u.password_hash is not null as "hasPassword", u.created_at as "createdAt",
      u.made_by as "madeBy", u.disabled_at as "disabledAt",
      coalesce((select jsonb_agg(distinct i.provider) from user_identities i where i.user_id = u.id), '[]') as providers,
      (select max(coalesce(t.last_used_at, t.created_at)) from tokens t
        where t.user_id = u.id and t.kind = 'session') as "lastSeenAt",
      (select count(*)::integer from tokens t where t.user_id = u.id and t.kind = 'session' and t.revoked_at is null
        and t.expires_at > now() and u.disabled_at is null
        and coalesce(t.last_used_at, t.created_at) > now() - t.idle_seconds * interval '1 second') as sessions
    from users u where ${id}::text is null or u.id = ${id} order by lower(u.name), u.id`;

  /** Nobody else may have the address. */
  async function mustBeFree(email: string | undefined, ofId: string | null): Promise<void> {
    if (email === undefined) return;
    const [taken] = await tables.select(fields).from(users).where(eq(users.email, email));
    if (taken && taken.id !== ofId) throw emailTaken(email);
  }

  return {
    add: ({ email, name, role, madeBy }) =>
      translateErrors(async () => {
        const [user] = await tables
          .insert(users)
          .values({ id: newId(), email, name, role, madeBy })
          .onConflictDoNothing({ target: users.email })
          .returning(fields);
        if (!user) throw emailTaken(email);
        return user;
      }),
    get: (id) => translateErrors(() => one(tables.select(fields).from(users).where(eq(users.id, id)))),
    byEmail: (email) =>
      translateErrors(() => one(tables.select(fields).from(users).where(eq(users.email, email)))),
    byIdentity: ({ provider, subject }) =>
      translateErrors(() =>
        one(
          tables
            .select(fields)
            .from(users)
            .innerJoin(userIdentities, eq(userIdentities.userId, users.id))
            .where(
              statement`${userIdentities.provider} = ${provider} and ${userIdentities.subject} = ${subject}`,
            ),
        ),
      ),
    link: (userId, { provider, subject }) =>
      translateErrors(async () => {
        const rows = await tables
          .insert(userIdentities)
          .values({ provider, subject, userId })
          .onConflictDoNothing()
          .returning({ userId: userIdentities.userId });
        if (rows.length === 0)
          throw new AppError('conflict', `Somebody signs in with this account of ${provider} already.`);
      }),
    isFirstAdmin: (id) => id === firstAdminId,
    firstAdmin: () =>
      translateErrors(async () => {
        await tables
          .insert(users)
          .values({ id: firstAdminId, name: 'admin', role: 'admin' })
          .onConflictDoNothing({ target: users.id });
        const [user] = await tables.select(fields).from(users).where(eq(users.id, firstAdminId));
        if (!user) throw new Error('the first admin was removed while it was read');
        return user;
      }),
    list: () => translateErrors(() => summaries(null)),
    summary: (id) => translateErrors(async () => (await summaries(id))[0] ?? null),
    change: (id, { email, name, role, disabled, groups }) =>
      translateErrors(async () => {
        await mustBeFree(email, id);
        const changed = {
          ...(email === undefined ? {} : { email }),
          ...(name === undefined ? {} : { name }),
          ...(role === undefined ? {} : { role }),
          ...(groups === undefined ? {} : { groups: jsonValue([...new Set(groups)]) }),
          ...(disabled === undefined
            ? {}
            : { disabledAt: disabled ? statement`coalesce(${users.disabledAt}, now())` : null }),
        };
        if (Object.keys(changed).length === 0)
          return one(tables.select(fields).from(users).where(eq(users.id, id)));
        return one(tables.update(users).set(changed).where(eq(users.id, id)).returning(fields));
      }),
    setPassword: (id, hash) =>
      translateErrors(async () => {
        await tables.update(users).set({ passwordHash: hash }).where(eq(users.id, id));
      }),
  };
}

async function one(query: PromiseLike<User[]>): Promise<User | null> {
  return (await query)[0] ?? null;
}

function emailTaken(email: string): AppError {
  return new AppError('conflict', `There is somebody with the e-mail address ${email} already.`);
}
