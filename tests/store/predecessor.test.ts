import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { succeedPredecessor } from '@/lib/store/postgres/predecessor';
import type { Store } from '@/lib/store/store';
import { openTestStore, silentLogger } from '../support/database';
import { newExecution } from './make-execution';

let store: Store;
let close: () => Promise<void>;
let folder: string;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
});
afterAll(() => close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-'));
  return () => rm(folder, { recursive: true });
});

function succeed(owner: string): Promise<void> {
  return succeedPredecessor({ store, logger: silentLogger }, folder, owner);
}

/** As if the record had been written by a process that is gone, or by something else that is said. */
async function rewriteRecord(change: object): Promise<void> {
  const file = path.join(folder, 'control-plane.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}

function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

async function heldBy(owner: string): Promise<string> {
  const { summary } = await store.executions.create(newExecution());
  await store.executions.claim(owner, 60_000, 1_000);
  return summary.id;
}

/** What another control plane may take. */
async function free(): Promise<string[]> {
  return (await store.executions.claim('other', 60_000, 1_000)).map(({ id }) => id);
}

test('what a killed control plane of this folder held is free at once, with the next epoch', async () => {
  await succeed('first');
  const id = await heldBy('first');
  const other = await heldBy('another');
  await rewriteRecord({ pid: endedProcess() });
  await succeed('second');
  expect(await free()).toEqual([id]);
  expect(await store.executions.renew('another', [{ id: other, epoch: 1 }], 60_000)).toEqual([]);
});

test.each([
  ['still runs', {}],
  ['ran on another host', { pid: 1, host: 'elsewhere' }],
])('one that %s keeps what it holds', async (_, change) => {
  await succeed('keeper');
  const id = await heldBy('keeper');
  await rewriteRecord(change);
  await succeed('next');
  expect(await free()).not.toContain(id);
});

test('a process that only got the same id is another one', async () => {
  await succeed('reused');
  const id = await heldBy('reused');
  await rewriteRecord({ startMark: '1' });
  await succeed('next');
  expect(await free()).toContain(id);
});

test('a record that was cut short by a crash is no obstacle', async () => {
  await writeFile(path.join(folder, 'control-plane.json'), '{"owner":"fir');
  await succeed('next');
  expect(JSON.parse(await readFile(path.join(folder, 'control-plane.json'), 'utf8')).owner).toBe('next');
});
