import type { ScheduleMaker } from '../store/schedule-store';
import type { Store } from '../store/store';
import { principalOf } from './authenticate';
import type { Principal } from './principal';
import { suiteAccessOf } from './suite-access';

/** Who saves a schedule, as it is stored: the schedule launches by the right of the person, or of the API token. */
export function makerOf({ name, userId, apiTokenId }: Principal): {
  name: string;
  maker: ScheduleMaker | null;
} {
  if (userId !== undefined) return { name, maker: { kind: 'person', id: userId } };
  return { name, maker: apiTokenId === undefined ? null : { kind: 'token', id: apiTokenId } };
}

/**
 * Why this person or token may not launch the suite now, as the end of a sentence that begins with the name; null if it
 * may. For a token that was rotated the one in its place counts. A token may do so after it has expired, but not once it
 * is revoked.
 */
export async function launchRefusal(
  { tokens, users, grants }: Pick<Store, 'tokens' | 'users' | 'grants'>,
  maker: ScheduleMaker,
  suiteId: string,
): Promise<string | null> {
  const principal =
    maker.kind === 'person' ? await personOf(users, maker.id) : await bearerOf(tokens, maker.id);
  if (!principal) return maker.kind === 'person' ? 'is disabled.' : 'is a token that was revoked.';
  const suites = suiteAccessOf(principal, await grants.list());
  return suites.may('launch', suiteId) ? null : `has no right to launch the suite ${suiteId}.`;
}

async function personOf(users: Store['users'], id: string): Promise<Principal | null> {
  const person = await users.summary(id);
  if (!person || person.disabledAt !== null) return null;
  const { name, role, groups } = person;
  return { name, role, groups, userId: id, via: 'cookie' };
}

async function bearerOf(tokens: Store['tokens'], id: string): Promise<Principal | null> {
  const token = await tokens.inPlaceOf(id);
  return token && principalOf(token, 'bearer');
}
