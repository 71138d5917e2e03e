import { createHash } from 'node:crypto';
import type { ISql } from 'postgres';
import { AppError } from '../../model/errors';
import type { Database } from './database';
import { newId } from './new-id';
import { translateErrors } from './translate-errors';

export interface StoredBlob {
  id: string;
  bytes: number;
  /** Hex. */
  sha256: string;
}

const chunkBytes = 256 * 1024;
/** How many chunks are read at once: 1 MiB. A reader holds up to three times that in memory. */
const chunksAtOnce = 4;

/**
 * Stores content chunk by chunk, outside a transaction: a slow sender must not hold a connection. While a chunk is
 * stored the next one is taken. On failure what was stored is removed; what a killed process leaves,
 * `removeUnusedBlobs` finds.
 */
export async function writeBlob(
  { sql }: { sql: ISql },
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<StoredBlob> {
  const id = newId();
  const hash = createHash('sha256');
  let bytes = 0;
  let position = 0;
  let stored: Promise<unknown> = Promise.resolve();
  await sql`insert into blobs (id) values (${id})`;
  try {
    for await (const chunk of inChunks(content)) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new AppError('payload_too_large', `the file is larger than the limit of ${maxBytes} bytes`);
      }
      hash.update(chunk);
      await stored;
      stored = sql`insert into blob_chunks (blob_id, position, content) values (${id}, ${position}, ${chunk})`;
      // The loop awaits it before the next chunk, and the end of the function after the last.
      stored.catch(() => undefined);
      position += 1;
    }
    await stored;
  } catch (error) {
    await stored.catch(() => undefined);
    await removeBlob({ sql }, id).catch(() => undefined);
    throw error;
  }
  return { id, bytes, sha256: hash.digest('hex') };
}

/** Stores small contents at once, each of one chunk. */
export async function writeWholeBlobs(
  sql: ISql,
  blobs: readonly { id: string; content: Uint8Array }[],
): Promise<void> {
  await sql`insert into blobs (id) select unnest(${blobs.map(({ id }) => id)}::text[])`;
  const chunks = blobs.filter(({ content }) => content.length > 0);
  await sql`
    insert into blob_chunks (blob_id, position, content)
    select blob, 0, decode(content, 'base64')
    from unnest(
      ${chunks.map(({ id }) => id)}::text[],
      ${chunks.map(({ content }) => Buffer.from(content).toString('base64'))}::text[]
    ) as given(blob, content)`;
}

/** The contents of blobs that are small, by id. */
export async function readWholeBlobs(
  { sql }: { sql: ISql },
  ids: readonly string[],
): Promise<Map<string, Uint8Array>> {
  if (ids.length === 0) return new Map();
  const rows = await translateErrors(
    () => sql<{ id: string; content: Uint8Array }[]>`
      select blob_id as id, content from blob_chunks
      where blob_id = any(${[...ids]}::text[]) order by blob_id, position`,
  );
  const found = new Map<string, Uint8Array>(ids.map((id) => [id, Buffer.alloc(0)]));
  for (const { id, content } of rows) {
    const before = found.get(id);
    found.set(id, before?.length ? Buffer.concat([before, content]) : content);
  }
  return found;
}

/** Yields the content. It reads the next chunks while the caller uses the current ones. */
export async function* readBlob({ sql }: Database, id: string): AsyncGenerator<Uint8Array> {
  const read = (from: number) => {
    const rows = readChunks(sql, id, from);
    // The loop awaits it, unless the caller stops early.
    rows.catch(() => undefined);
    return rows;
  };
  let next = read(0);
  for (let from = chunksAtOnce; ; from += chunksAtOnce) {
    const rows = await next;
    if (rows.length === chunksAtOnce) next = read(from);
    for (const { content } of rows) yield Buffer.from(content, 'base64');
    if (rows.length < chunksAtOnce) return;
  }
}

/** Reads chunks as base64. The default, hexadecimal digits, takes more than twice the processor time. */
function readChunks(sql: ISql, id: string, from: number): Promise<{ content: string }[]> {
  return translateErrors(
    () => sql<{ content: string }[]>`
      select encode(content, 'base64') as content from blob_chunks
      where blob_id = ${id} and position >= ${from} and position < ${from + chunksAtOnce} order by position`,
  );
}

export async function removeBlob({ sql }: { sql: ISql }, id: string): Promise<void> {
  await sql`delete from blobs where id = ${id}`;
}

/** Blobs that no row came to name within a day. */
export async function removeUnusedBlobs({ sql }: Database): Promise<void> {
  await sql`
    delete from blobs
    where created_at < now() - interval '1 day'
      and not exists (select from artifacts where blob_id = blobs.id)
      and not exists (select from packages where blob_id = blobs.id)
      and not exists (select from agent_job_artifacts where blob_id = blobs.id)`;
}

async function* inChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const part of content) {
    parts.push(part);
    held += part.length;
    if (held < chunkBytes) continue;
    const all = Buffer.concat(parts);
    let start = 0;
    for (; all.length - start >= chunkBytes; start += chunkBytes) {
      yield all.subarray(start, start + chunkBytes);
    }
    parts = [all.subarray(start)];
    held = all.length - start;
  }
  if (held > 0) yield Buffer.concat(parts);
}
