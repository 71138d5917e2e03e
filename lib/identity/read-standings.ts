import type { Store } from '../store/store';
import { principalOf } from './authenticate';
import { suiteAccessOf } from './suite-access';

/** What those of these tokens and sessions that are valid may do now: see `SuiteAccess.standing`. */
export async function readStandings(
  { tokens, grants }: Pick<Store, 'tokens' | 'grants'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const [valid, granted] = await Promise.all([tokens.stillValid(ids), grants.list()]);
  return new Map(
    [...valid].map(([id, token]) => [id, suiteAccessOf(principalOf(token, 'bearer'), granted).standing]),
  );
}
