import { createHash, randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TestReport } from '@/lib/model/report';
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

test('a file is whole at each edge of the pieces that it is stored in', async () => {
  const { id } = await claimedExecution(store);
  const stored = 2 * 1024 * 1024;
  for (const size of [stored - 1, stored, stored + 1, stored + 262_144, 2 * stored, 2 * stored + 300_000]) {
    const content = randomBytes(size);
    const artifact = await store.artifacts.put(id, report, inPieces(content, 65_536), 1e9);
    const opened = await store.artifacts.open(id, artifact.id);
    expect(opened && (await collect(opened.content)).equals(content)).toBe(true);
  }
});

test('a reader that leaves early leaves nothing behind', async () => {
  const { id } = await claimedExecution(store);
  const artifact = await store.artifacts.put(id, report, inPieces(randomBytes(5_000_000), 65_536), 1e9);
  for (let round = 0; round < 30; round += 1) {
    const opened = await store.artifacts.open(id, artifact.id);
    for await (const part of opened?.content ?? []) {
      expect(part.length).toBe(262_144);
      break;
    }
  }
});

test('a connection that ends in the middle of an upload is an error without an artifact, or nothing is missing', async () => {
  const { id } = await claimedExecution(store);
  const admin = postgres(url, { max: 1 });
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let piece = 0; piece < 5; piece += 1) yield randomBytes(1_000_000);
    await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    yield* inPieces(randomBytes(5_000_000), 1_000_000);
  }
  try {
    const stored = await store.artifacts.put(id, report, content(), 1e9).catch((error: unknown) => error);
    // Its other connections were ended too.
    const list = await vi.waitFor(() => store.artifacts.list(id), { timeout: 60_000 });
    // Where none was in use at that moment, it goes on with a new one.
    if (list.length > 0) expect(stored).toMatchObject({ bytes: 10_000_000 });
    else expect(stored).toMatchObject({ code: 'store_unavailable' });
  } finally {
    await admin.end();
  }
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
  await store.artifacts.remove(id, [second.id]);
  await store.artifacts.remove(id, [second.id]);
  expect(await store.artifacts.list(id)).toEqual([]);
  expect(await storedBlobs()).toBe(before);
});

test('many small files are stored at once as each alone, and a second time replaces them', async () => {
  const { id } = await claimedExecution(store);
  const before = await storedBlobs();
  const files = Array.from({ length: 300 }, (_, index) => ({
    ...{ ...report, format: 'file' as const, path: `f ${index} "\\{ä}` },
    content: index === 7 ? Buffer.alloc(0) : randomBytes(index),
  }));
  await store.artifacts.putMany(id, files);
  const second = await store.artifacts.putMany(id, files);
  expect(second.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
  expect(await store.artifacts.list(id)).toHaveLength(300);
  expect(await storedBlobs()).toBe(before + 300);
  for (const index of [0, 7, 8, 299]) {
    const artifact = second[index];
    const opened = artifact && (await store.artifacts.open(id, artifact.id));
    const content = files[index]?.content ?? Buffer.from('?');
    expect(opened?.artifact).toMatchObject({
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    expect(opened && (await collect(opened.content)).equals(content)).toBe(true);
  }
  await store.artifacts.remove(
    id,
    second.map((artifact) => artifact.id),
  );
  expect(await storedBlobs()).toBe(before);
  await expect(store.artifacts.putMany('nobody', files)).rejects.toThrow();
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
  await store.artifacts.remove(other.id, [artifact.id]);
  expect(await store.artifacts.open(mine.id, artifact.id)).not.toBeNull();
});

test('a report is kept with its artifact, with any text', async () => {
  const { id } = await claimedExecution(store);
  const artifact = await store.artifacts.put(id, report, inPieces(Buffer.from('<x/>'), 9), 10);
  expect(await store.artifacts.report(artifact.id)).toBeNull();
  const saved = (text: string): TestReport => ({
    format: 'junit',
    cases: [
      {
        ...{ file: null, path: ['s'], className: null, name: 'n', parameters: { browser: 'b' } },
        ...{ status: 'failed', durationMs: 1.5, message: text, output: 0, type: null, attempts: [] },
      },
    ],
    outputs: [text],
    damage: null,
  });
  await store.artifacts.saveReport(artifact.id, saved('nul \0 and half \udc00'));
  expect(await store.artifacts.report(artifact.id)).toEqual(saved('nul \u2400 and half \ufffd'));
});

test('unfinished lines of a step replace those before, and are gone with its execution', async () => {
  const { id } = await claimedExecution(store);
  await store.logs.saveUnfinished(id, 'b', 1, [{ stream: 'stdout', text: '10 %' }]);
  await store.logs.saveUnfinished(id, 'a', 2, [
    { stream: 'stdout', text: '\u001b[1mPassword: ' },
    { stream: 'stderr', text: 'x' },
  ]);
  await store.logs.saveUnfinished(id, 'b', 1, [{ stream: 'stdout', text: '20 %' }]);
  expect(await store.logs.unfinished(id)).toEqual([
    { stepId: 'a', attempt: 2, stream: 'stderr', text: 'x' },
    { stepId: 'a', attempt: 2, stream: 'stdout', text: '\u001b[1mPassword: ' },
    { stepId: 'b', attempt: 1, stream: 'stdout', text: '20 %' },
  ]);
  await store.logs.saveUnfinished(id, 'a', 2, []);
  expect(await store.logs.unfinished(id)).toHaveLength(1);
  expect(await store.logs.unfinished('nobody')).toEqual([]);
  await expect(
    store.logs.saveUnfinished('nobody', 'a', 1, [{ stream: 'stdout', text: 'x' }]),
  ).rejects.toThrow();
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
