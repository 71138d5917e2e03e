import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pruneCache } from '@/lib/dependencies/prune-cache';

const dayMs = 24 * 60 * 60_000;
const nowMs = Date.parse('2026-06-01T00:00:00Z');
const limits = { days: 30, bytes: 10_000 };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function keep(name: string, daysAgo: number, bytes = 10): Promise<void> {
  const place = path.join(folder, name);
  await mkdir(path.join(place, 'suite'), { recursive: true });
  await writeFile(path.join(place, 'suite', 'suite.yaml'), 'x'.repeat(bytes));
  const usedAt = new Date(nowMs - daysAgo * dayMs);
  await utimes(place, usedAt, usedAt);
}

const digest = (letter: string) => letter.repeat(64);
const there = async () => (await readdir(folder)).map((name) => name.slice(0, 9)).sort();

test('what nobody has used for its days goes, and what a dead process was fetching', async () => {
  await keep(digest('a'), 31);
  await keep(digest('b'), 29);
  await keep('fetching-old', 2);
  await keep('fetching-new', 0);
  await keep('not-of-ours', 400);
  expect(await pruneCache(folder, limits, nowMs)).toBe(1);
  expect(await there()).toEqual(['bbbbbbbbb', 'fetching-', 'not-of-ou']);
});

test('what is too much together goes, that which was used longest ago first', async () => {
  await keep(digest('a'), 1, 6_000);
  await keep(digest('b'), 3, 6_000);
  await keep(digest('c'), 2, 3_000);
  expect(await pruneCache(folder, limits, nowMs)).toBe(1);
  expect(await there()).toEqual(['aaaaaaaaa', 'ccccccccc']);
});

test('a cache that was never used is no error', async () => {
  expect(await pruneCache(path.join(folder, 'none'), limits, nowMs)).toBe(0);
});
