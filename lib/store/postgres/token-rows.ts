import type { Fragment, ISql } from 'postgres';
import type { Token } from '../store';

/** One token as hand-written queries select it. */
export type TokenRow = Omit<Token, 'userId' | 'suites' | 'groups' | 'madeFrom' | 'provenMsAgo'> & {
  userId: string | null;
  suites: string[] | null;
  groups?: string[] | null;
  madeFrom?: string | null;
  provenMsAgo?: number | null;
};

export const toToken = ({ userId, suites, groups, madeFrom, provenMsAgo, ...token }: TokenRow): Token => ({
  ...token,
  ...(userId === null ? {} : { userId }),
  ...(suites === null ? {} : { suites }),
  ...(groups && groups.length > 0 ? { groups } : {}),
  ...(madeFrom ? { madeFrom } : {}),
  ...(provenMsAgo == null ? {} : { provenMsAgo }),
});

/** What several queries over tokens have in common. */
export interface TokenFragments {
  /** Reads the row `t` of tokens with its person `u`, if it has one. */
  withPerson: Fragment;
  /** Holds for such a row while it is good. */
  isGood: Fragment;
}

export function tokenFragments(sql: ISql): TokenFragments {
  return {
    withPerson: sql`tokens t left join users u on u.id = t.user_id`,
    isGood: sql`(t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
      and u.disabled_at is null and (t.idle_seconds is null
        or coalesce(t.last_used_at, t.created_at) > now() - t.idle_seconds * interval '1 second'))`,
  };
}
