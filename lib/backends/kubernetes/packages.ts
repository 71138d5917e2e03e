import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { AppError, messageOf } from '../../model/errors';
import type { OpenPackage } from '../backend';
import { environmentName } from '../labels';
import type { NamedBody } from './creation';
import type { Metadata } from './names';

/** A Secret holds 1 MiB. */
const partBytes = 900 * 1024;
const mostParts = 24;

export interface PackagePlace {
  executionId: string;
  digest: string;
  metadata: Metadata;
  ownerReferences: object[];
}

export interface Packages {
  /** The names of the Secrets that hold the package, compressed and in parts. All of them are there then. */
  ensure(place: PackagePlace, make: (secret: NamedBody) => Promise<void>): Promise<string[]>;
  forget(executionId: string): void;
}

/** Made once per execution and package, however many steps start at the same time. */
export function createPackages({ openPackage }: { openPackage: OpenPackage }): Packages {
  const made = new Map<string, Promise<string[]>>();

  async function ensure(
    { executionId, digest, metadata, ownerReferences }: PackagePlace,
    make: (secret: NamedBody) => Promise<void>,
  ): Promise<string[]> {
    const content = await compressed(openPackage, digest);
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
    return names;
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

async function compressed(openPackage: OpenPackage, digest: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const content = Readable.from(await openPackage(digest), { objectMode: false });
    const zipped = createGzip();
    content.on('error', (error) => zipped.destroy(error));
    for await (const chunk of content.pipe(zipped)) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > partBytes * mostParts) break;
    }
  } catch (error) {
    throw new AppError('backend_failed', `The package ${digest} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (bytes <= partBytes * mostParts) return Buffer.concat(chunks);
  throw new AppError(
    'backend_failed',
    `The suite's package is larger than ${Math.floor((partBytes * mostParts) / 1024 / 1024)} MiB compressed, the most that is sent to a cluster. Put large files into an image.`,
  );
}
