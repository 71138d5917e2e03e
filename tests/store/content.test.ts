import { createHash, randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { claimedExecution } from './make-execution';

let store: Store;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, url, close } = await openTestStore());
});
afterAll(() => close());

async function* inPieces(content: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

async function storedBlobs(): Promise<number> {
  const sql = postgres(url, { max: 1 });
  const [row] = await sql<{ blobs: number }[]>`select count(*)::integer as blobs from blobs`;
  await sql.end();
  return row?.blobs ?? -1;
}

const report = { stepId: 'one', attempt: 1, path: 'reports/junit.xml', format: 'junit' as const };

test('an artifact comes back byte for byte, whatever the pieces it came in', async () => {
  const { id } = await claimedExecution(store);
  const content = randomBytes(700_001);
  const sha256 = createHash('sha256').update(content).digest('hex');
  for (const size of [1_000, 262_144, 700_001]) {
    const artifact = await store.artifacts.put(
      id,
      { ...report, path: `a/${size}` },
      inPieces(content, size),
      1e9,
    );
    expect(artifact).toMatchObject({ stepId: 'one', path: `a/${size}`, bytes: 700_001, sha256 });
    const opened = await store.artifacts.open(id, artifact.id);
    expect(opened?.artifact).toEqual(artifact);
    expect(opened && (await collect(opened.content)).equals(content)).toBe(true);
  }
  expect((await store.artifacts.list(id)).map((artifact) => artifact.path)).toEqual([
    'a/1000',
    'a/262144',
    'a/700001',
  ]);
});

test('an empty file is an artifact', async () => {
  const { id } = await claimedExecution(store);
  const artifact = await store.artifacts.put(id, report, inPieces(Buffer.alloc(0), 1), 10);
  expect(artifact.bytes).toBe(0);
  const opened = await store.artifacts.open(id, artifact.id);
  expect(opened && (await collect(opened.content)).length).toBe(0);
});

test('a second put for the same attempt and path replaces the first, content included', async () => {
  const { id } = await claimedExecution(store);
  const before = await storedBlobs();
  const first = await store.artifacts.put(id, report, inPieces(Buffer.from('old'), 1), 10);
  const second = await store.artifacts.put(id, report, inPieces(Buffer.from('new'), 1), 10);
  expect(await store.artifacts.list(id)).toEqual([second]);
  expect(await store.artifacts.open(id, first.id)).toBeNull();
  expect(await storedBlobs()).toBe(before + 1);
  await store.artifacts.remove(id, second.id);
  await store.artifacts.remove(id, second.id);
  expect(await store.artifacts.list(id)).toEqual([]);
  expect(await storedBlobs()).toBe(before);
});

test('a file past the limit, and one whose source breaks, leave nothing', async () => {
  const { id } = await claimedExecution(store);
  const before = await storedBlobs();
  const content = randomBytes(600_000);
  await expect(store.artifacts.put(id, report, inPieces(content, 50_000), 599_999)).rejects.toMatchObject({
    code: 'payload_too_large',
  });
  const breaking = async function* () {
    yield* inPieces(content, 50_000);
    throw new Error('the container is gone');
  };
  await expect(store.artifacts.put(id, report, breaking(), 1e9)).rejects.toThrow('the container is gone');
  await expect(store.artifacts.put('nobody', report, inPieces(content, 50_000), 1e9)).rejects.toThrow();
  expect(await store.artifacts.list(id)).toEqual([]);
  expect(await storedBlobs()).toBe(before);
});

test('an artifact of one execution is not found under another', async () => {
  const [mine, other] = [await claimedExecution(store), await claimedExecution(store)];
  const artifact = await store.artifacts.put(mine.id, report, inPieces(Buffer.from('x'), 1), 10);
  expect(await store.artifacts.open(other.id, artifact.id)).toBeNull();
  await store.artifacts.remove(other.id, artifact.id);
  expect(await store.artifacts.open(mine.id, artifact.id)).not.toBeNull();
});

test('a report is kept with its artifact, with any text', async () => {
  const { id } = await claimedExecution(store);
  const artifact = await store.artifacts.put(id, report, inPieces(Buffer.from('<x/>'), 9), 10);
  expect(await store.artifacts.report(artifact.id)).toBeNull();
  const testCase = { suite: 's', name: 'n', status: 'failed' as const, durationMs: 1.5, output: null };
  await store.artifacts.saveReport(artifact.id, {
    format: 'junit',
    cases: [{ ...testCase, message: 'nul \0 and half \udc00' }],
  });
  expect(await store.artifacts.report(artifact.id)).toEqual({
    format: 'junit',
    cases: [{ ...testCase, message: 'nul \u2400 and half \ufffd' }],
  });
});

test('a package is stored once, also by two at the same time, and read by its digest', async () => {
  const content = randomBytes(300_000);
  const before = await storedBlobs();
  await Promise.all(
    Array.from({ length: 5 }, () => store.packages.put('sha256:abc', () => inPieces(content, 99_999))),
  );
  expect((await collect(await store.packages.open('sha256:abc'))).equals(content)).toBe(true);
  expect(await storedBlobs()).toBe(before + 1);
  await store.packages.put('sha256:abc', () => {
    throw new Error('the content was asked for again');
  });
  await expect(store.packages.open('sha256:other')).rejects.toMatchObject({ code: 'not_found' });
});
