import { AppError } from '../../model/errors';
import type { PackageStore } from '../store';
import { readBlob, removeBlob, writeBlob } from './blobs';
import type { Database } from './database';
import { translateErrors } from './translate-errors';

export function createPackageStore(database: Database): PackageStore {
  const { sql } = database;

  async function blobOf(digest: string): Promise<string | null> {
    const [row] = await sql<{ blobId: string }[]>`
      select blob_id as "blobId" from packages where digest = ${digest}`;
    return row?.blobId ?? null;
  }

  async function put(digest: string, content: () => AsyncIterable<Uint8Array>): Promise<void> {
    const known = await sql`update packages set used_at = now() where digest = ${digest} returning digest`;
    if (known.length > 0) return;
    const blob = await writeBlob(database, content(), Number.POSITIVE_INFINITY);
    const rows = await sql`
      insert into packages (digest, blob_id) values (${digest}, ${blob.id})
      on conflict do nothing returning digest`;
    // Someone else was faster with the same content.
    if (rows.length === 0) await removeBlob(database, blob.id);
  }

  async function open(digest: string): Promise<AsyncIterable<Uint8Array>> {
    const blobId = await blobOf(digest);
    if (!blobId) throw new AppError('not_found', `the package ${digest} is not in the store`);
    return readBlob(database, blobId);
  }

  return {
    put: (digest, content) => translateErrors(() => put(digest, content)),
    open: (digest) => translateErrors(() => open(digest)),
  };
}
