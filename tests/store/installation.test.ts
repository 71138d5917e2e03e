import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { readInstallationFile, writeInstallationFile } from '@/lib/store/postgres/installation-file';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import { openTestDatabase, silentLogger } from '../support/database';

let undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.reverse()) await each();
  undo = [];
});

async function openDatabase() {
  const database = await openTestDatabase('empty');
  undo.push(() => database.drop());
  return async (remembered: string | null) => {
    const dependencies = { clock: systemClock, logger: silentLogger };
    const store = await openPostgresStore(dependencies, database.url, null, remembered);
    await store.close();
    return store.installation.id;
  };
}

async function makeFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-installation-'));
  undo.push(() => rm(folder, { recursive: true }));
  return folder;
}

test('a new database in the same data folder goes on as the same installation', async () => {
  const folder = await makeFolder();
  expect(await readInstallationFile(folder)).toBeNull();
  const first = await (await openDatabase())(null);
  await writeInstallationFile({ logger: silentLogger }, folder, first);
  const afterLoss = await (await openDatabase())(await readInstallationFile(folder));
  expect(afterLoss).toBe(first);
});

test('a database that has an installation keeps it, whatever the folder says', async () => {
  const open = await openDatabase();
  const own = await open(null);
  expect(await open('another0installation')).toBe(own);
});

test('a file that is no name counts as none', async () => {
  const folder = await makeFolder();
  await writeFile(path.join(folder, 'installation'), 'x; drop table\n');
  expect(await readInstallationFile(folder)).toBeNull();
});
