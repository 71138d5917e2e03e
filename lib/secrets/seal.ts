import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../model/errors';
import type { SecretSeal } from './secrets';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Seals with a key that is made of this text. */
export function createSeal(keyText: string): SecretSeal {
  const key = createHash('sha256').update(`gantry launch secrets\0${keyText}`).digest();
  return {
    seal(value, name) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name));
      const content = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), content]);
    },
    open(sealed, name) {
      try {
        const bytes = Buffer.from(sealed);
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
          .setAAD(Buffer.from(name))
          .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        const content = decipher.update(bytes.subarray(nonceBytes + tagBytes));
        return Buffer.concat([content, decipher.final()]).toString('utf8');
      } catch (error) {
        throw new AppError(
          'secret_missing',
          'it was encrypted by a control plane with another key: set the same GANTRY_SECRET_KEY for all that share a database',
          { cause: error },
        );
      }
    },
  };
}

/** The key of this data folder, made at the first start. Only its owner may read it. */
export async function loadSealKey(dataFolder: string): Promise<string> {
  const file = path.join(dataFolder, 'secret-key');
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  for (;;) {
    const known = await readFile(file, 'utf8').catch(ignoreMissing);
    if (known?.trim()) return known.trim();
    await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    await chmod(draft, 0o600);
    // Of two that start at the same time one makes it.
    await link(draft, file).catch(ignoreExisting);
    await rm(draft, { force: true });
  }
}

function ignoreMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
