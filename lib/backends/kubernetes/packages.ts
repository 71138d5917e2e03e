import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { AppError, messageOf } from '../../model/errors';
import type { OpenPackage } from '../backend';
import { environmentName } from '../labels';
import type { NamedBody } from './creation';
import type { Metadata } from './names';

/** A Secret holds 1 MiB. */
const partBytes = 900 * 1024;
const maxParts = 24;
/** What goes by Secrets at most, compressed. */
export const maxBySecrets = partBytes * maxParts;

export interface PackagePlace {
  executionId: string;
  digest: string;
  metadata: Metadata;
  ownerReferences: object[];
}

/**
 * How a package comes into pods: by Secrets of these names, which hold it compressed and in parts; or fetched, where it
 * is too large for them, and then with this SHA-256 of its bytes, in hexadecimal.
 */
export type SentPackage = { secrets: string[] } | { sha256: string };

export interface Packages {
  /** All Secrets that it takes are there then. */
  ensure(place: PackagePlace, make: (secret: NamedBody) => Promise<void>): Promise<SentPackage>;
  forget(executionId: string): void;
}

/** Made once per execution and package, however many steps start at the same time. */
export function createPackages({ openPackage }: { openPackage: OpenPackage }): Packages {
  const made = new Map<string, Promise<SentPackage>>();

  async function ensure(
    { executionId, digest, metadata, ownerReferences }: PackagePlace,
    make: (secret: NamedBody) => Promise<void>,
  ): Promise<SentPackage> {
    const content = await compressed(openPackage, digest);
    if (!content) return { sha256: await sha256Of(openPackage, digest) };
    const base = `${environmentName(executionId)}-package-${digest.replace(/^sha256:/, '').slice(0, 16)}`;
    const names: string[] = [];
    for (let at = 0; at < content.length; at += partBytes) {
      const name = `${base}-${names.length}`;
      await make({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, ...metadata, ownerReferences },
        type: 'Opaque',
        immutable: true,
        data: { part: content.subarray(at, at + partBytes).toString('base64') },
      });
      names.push(name);
    }
    return { secrets: names };
  }

  return {
    ensure(place, make) {
      const key = `${place.executionId} ${place.digest}`;
      const known = made.get(key);
      if (known) return known;
      const making = ensure(place, make);
      made.set(key, making);
      making.catch(() => made.delete(key));
      return making;
    },
    forget(executionId) {
      for (const key of made.keys()) if (key.startsWith(`${executionId} `)) made.delete(key);
    },
  };
}

/** Null when it is more than Secrets are used for. */
async function compressed(openPackage: OpenPackage, digest: string): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const content = Readable.from(await openPackage(digest), { objectMode: false });
    const zipped = createGzip();
    content.on('error', (error) => zipped.destroy(error));
    for await (const chunk of content.pipe(zipped)) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBySecrets) return null;
    }
  } catch (error) {
    throw unreadable(digest, error);
  }
  return Buffer.concat(chunks);
}

async function sha256Of(openPackage: OpenPackage, digest: string): Promise<string> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of await openPackage(digest)) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    throw unreadable(digest, error);
  }
}

function unreadable(digest: string, error: unknown): AppError {
  return new AppError('backend_failed', `The package ${digest} cannot be read: ${messageOf(error)}`, {
    cause: error,
  });
}
