import { AppError } from '../model/errors';
import type { Grantee } from '../model/suite-grant';
import type { Store } from '../store/store';

/** Rejects with `bad_request` when there is no such person or API token. Groups need no members yet. */
export async function checkGrantee(
  { users, tokens }: Pick<Store, 'users' | 'tokens'>,
  grantee: Grantee,
): Promise<void> {
  if (grantee.kind !== 'person' && grantee.kind !== 'token') return;
  const isThere =
    grantee.kind === 'person'
      ? (await users.get(grantee.id)) !== null
      : (await tokens.list()).some(({ kind, id }) => kind === 'api' && id === grantee.id);
  if (isThere) return;
  const message = `expected the id of ${grantee.kind === 'person' ? 'a person' : 'an API token'}, found \`${grantee.id}\`, which nobody has`;
  throw new AppError('bad_request', `The grant is not valid: grantee.id: ${message}.`, {
    issues: [{ path: 'grantee.id', message }],
  });
}
