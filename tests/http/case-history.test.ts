import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareCases } from '@/lib/http/case-details';
import type { Store } from '@/lib/store/store';
import { listCases, readCase } from '../support/all-cases';
import { openTestStore } from '../support/database';
import { type PlantedTruths, seedHistory } from '../support/seeded-cases';
import { accuracyOf, readTold } from '../support/told-cases';

const runs = 160;
const count = 200;

let store: Store;
let close: () => Promise<void>;
let truths: PlantedTruths;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
  const history = seedHistory(runs, count);
  truths = history.truths;
  for (let run = 0; run < runs; run += 1) await store.cases.add(history.report(run));
});
afterAll(() => close());

const firstOf = (ids: Iterable<string>): string => [...ids][0] ?? '';

test('each planted truth is told of its cases and of no other', async () => {
  const accuracy = accuracyOf(truths, await readTold(store.cases));
  expect(accuracy).toEqual(accuracy.map(({ what }) => ({ what, precision: 1, recall: 1 })));
});

test('a case that an image broke tells its first failure and the image', async () => {
  const details = await readCase(store.cases, firstOf(truths.brokenByImage));
  expect(details.results).toHaveLength(100);
  expect(details.figures.flaky.isFlaky).toBe(false);
  expect(details.figures.streak).toMatchObject({
    failures: 50,
    isCut: false,
    first: { executionId: `run-${runs - 50}` },
    changes: [{ what: 'image', stepId: 'shop', before: 'shop:1', after: 'shop:2' }],
  });
  const others = details.sameFailures.map(({ record }) => record.id);
  expect(others).toEqual(expect.arrayContaining([...truths.brokenByFile]));
  expect(others).not.toContain(details.id);
  for (const id of truths.flaky) expect(others).not.toContain(id);
});

test('a run tells new, lasting and fixed failures and renamed cases', async () => {
  const ids = (cases: { id: string }[]) => new Set(cases.map(({ id }) => id));
  const broken = await compareCases(store.cases, `run-${runs - 50}`);
  for (const id of truths.brokenByImage) expect(ids(broken.newFailures)).toContain(id);
  const later = await compareCases(store.cases, `run-${runs - 48}`);
  for (const id of truths.brokenByImage)
    expect(later.stillFailing.find((each) => each.id === id)).toMatchObject({
      failures: 3,
      since: { executionId: `run-${runs - 50}` },
    });
  const renamed = await compareCases(store.cases, `run-${runs - 30}`);
  expect(new Map(renamed.added.map(({ id, renamedFrom }) => [id, renamedFrom?.id]))).toEqual(truths.renamed);
});

test('a list goes on with its cursor, and one that no list answered is refused', async () => {
  const first = await listCases(store.cases, { suite: 'seeded', limit: 100 });
  const second = await listCases(store.cases, {
    suite: 'seeded',
    limit: 100,
    cursor: first.nextCursor ?? '',
  });
  const names = [...first.items, ...second.items].map(({ name }) => name);
  expect(new Set(names).size).toBe(200);
  await expect(listCases(store.cases, { cursor: 'x' })).rejects.toMatchObject({ code: 'bad_request' });
});

test('states choose by the newest result', async () => {
  const failed = await listCases(store.cases, { suite: 'seeded', state: 'failed', limit: 100 });
  for (const { figures } of failed.items) expect(figures.last?.status).toBe('failed');
  expect(failed.items.length).toBeGreaterThanOrEqual(truths.brokenByImage.size + truths.brokenByFile.size);
  const muted = await listCases(store.cases, { suite: 'seeded', state: 'muted' });
  expect(muted.items).toEqual([]);
});

test('a case that is not there is refused by name', async () => {
  await expect(readCase(store.cases, 'nobody')).rejects.toMatchObject({ code: 'case_not_found' });
});
