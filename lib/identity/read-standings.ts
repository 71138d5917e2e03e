import type { Store } from '../store/store';
import { principalOf } from './authenticate';
import { type SuiteAccess, suiteAccessOf } from './suite-access';

/** The current standings of those tokens and sessions that are valid, by id. */
export async function readStandings(
  { tokens, grants }: Pick<Store, 'tokens' | 'grants'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SuiteAccess['standing']>> {
  const [valid, granted] = await Promise.all([tokens.stillValid(ids), grants.list(0)]);
  return new Map(
    [...valid].map(([id, token]) => [id, suiteAccessOf(principalOf(token, 'bearer'), granted).standing]),
  );
}
