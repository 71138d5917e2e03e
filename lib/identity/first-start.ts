import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Store } from '../store/store';
import { hashToken, newTokenText } from './token-text';

const tokenFile = 'admin-token';
const signInLifetimeMs = 24 * 60 * 60 * 1000;

/**
 * Sees to it that someone can get in: registers `GANTRY_BOOTSTRAP_TOKEN` when it is set, else makes an admin
 * token at the first start and keeps it in `<data>/admin-token` (mode 0600), where the command line of this
 * machine finds it. Answers the text of a token made just now, to be printed once.
 */
export async function prepareAccess(
  { store, logger }: { store: Store; logger: Logger },
  { bootstrapToken, dataFolder }: { bootstrapToken: string | null; dataFolder: string },
): Promise<{ newAdminToken: string | null }> {
  if (bootstrapToken) {
    const hash = hashToken(bootstrapToken);
    if (!(await store.tokens.find(hash, ['api']))) {
      const token = { kind: 'api', name: 'bootstrap', role: 'admin', expiresAt: null } as const;
      await store.tokens.add(token, hash).catch(async (error: unknown) => {
        if (!(error instanceof AppError && error.code === 'conflict')) throw error;
        // Another control plane may have been quicker. One that was revoked stays so.
        if (await store.tokens.find(hash, ['api'])) return;
        logger.warn({}, 'the token of GANTRY_BOOTSTRAP_TOKEN was revoked and opens nothing: set another one');
      });
    }
    return { newAdminToken: null };
  }
  if ((await store.tokens.count('api')) > 0) return { newAdminToken: null };
  const text = newTokenText('api');
  await mkdir(dataFolder, { recursive: true });
  const file = path.join(dataFolder, tokenFile);
  await writeFile(file, `${text}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  await store.tokens.add({ kind: 'api', name: 'admin', role: 'admin', expiresAt: null }, hashToken(text));
  return { newAdminToken: text };
}

/** A token that signs one browser in, once, within a day. */
export async function newSignInToken({ store }: { store: Store }, now: Date): Promise<string> {
  const text = newTokenText('sign_in');
  const expiresAt = new Date(now.getTime() + signInLifetimeMs).toISOString();
  await store.tokens.add({ kind: 'sign_in', name: 'admin', role: 'admin', expiresAt }, hashToken(text));
  return text;
}
