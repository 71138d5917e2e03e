import { AppError } from '../model/errors';
import type { Store } from '../store/store';
import { hashToken, newTokenText } from './token-text';

/** The text of a token for one download of this package, good until `expiresAt` (RFC 3339). Kept as a hash only. */
export async function newPackageToken(
  { store }: { store: Pick<Store, 'tokens'> },
  digest: string,
  expiresAt: string,
): Promise<string> {
  const text = newTokenText('package');
  await store.tokens.add({ kind: 'package', name: digest, role: 'viewer', expiresAt }, hashToken(text));
  return text;
}

/**
 * Checks the token of a download. Answers how to spend it: a download that was cut may be begun again, and one that
 * came to its end may not. Rejects with `unauthorized`.
 */
export async function admitDownload(
  { store }: { store: Pick<Store, 'tokens'> },
  request: { url: string; headers: Pick<Headers, 'get'> },
  digest: string,
): Promise<{ spend(): Promise<void> }> {
  const text = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const hash = text === undefined ? null : hashToken(text);
  const token = hash === null ? null : await store.tokens.find(hash, ['package']);
  if (hash === null || token?.name !== digest) {
    throw new AppError(
      'unauthorized',
      'This needs a token for this package that was not used and has not expired.',
    );
  }
  return {
    async spend() {
      await store.tokens.consume(hash, 'package');
    },
  };
}
