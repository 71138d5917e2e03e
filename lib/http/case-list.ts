import { figuresOf, historyLength } from '../model/cases/case-figures';
import type { CaseItem } from '../model/cases/case-views';
import { AppError } from '../model/errors';
import type { SuiteScope } from '../model/suite-right';
import { hasFailed } from '../model/test-case';
import type { CaseSort, CaseStore, StoredHistory } from '../store/case-store';
import type { Page } from '../store/store';
import type { CasesQuery } from './case-queries';

const casesAtOnce = 50;
const defaultLimit = 50;

/** One page of cases with their figures. Lists that rank by figures are ranked by the newest 100 results of each. */
export async function listCases(
  cases: CaseStore,
  query: CasesQuery,
  scope: SuiteScope | null,
): Promise<Page<CaseItem>> {
  const { suite, step, q, state, sort = 'name', limit = defaultLimit } = query;
  const start = query.cursor === undefined ? 0 : parseCursor(query.cursor);
  const ids = await cases.candidates({
    sort,
    scope,
    ...(suite === undefined ? {} : { suiteId: suite }),
    ...(step === undefined ? {} : { stepId: step }),
    ...(q === undefined ? {} : { q }),
    ...(state === 'muted' ? { isMuted: true } : {}),
  });
  const isWanted = (item: CaseItem) => belongs(item, sort) && (state === undefined || isIn(item, state));
  if (sort === 'name' || sort === 'slow') return walk(cases, ids, start, limit, isWanted);
  const items: CaseItem[] = [];
  for (let at = 0; at < ids.length; at += casesAtOnce)
    items.push(...(await readItems(cases, ids.slice(at, at + casesAtOnce))).filter(isWanted));
  items.sort(comparisons[sort]);
  const page = items.slice(start, start + limit);
  return { items: page, nextCursor: start + limit < items.length ? String(start + limit) : null };
}

/** The page of a list that the store has ordered: it ends once there are enough, however many follow. */
async function walk(
  cases: CaseStore,
  ids: readonly string[],
  start: number,
  limit: number,
  isWanted: (item: CaseItem) => boolean,
): Promise<Page<CaseItem>> {
  const items: CaseItem[] = [];
  for (let at = start; at < ids.length; at += casesAtOnce) {
    const batch = ids.slice(at, at + casesAtOnce);
    const found = new Map((await readItems(cases, batch)).map((item) => [item.id, item]));
    for (const [index, id] of batch.entries()) {
      const item = found.get(id);
      if (!item || !isWanted(item)) continue;
      items.push(item);
      const next = at + index + 1;
      if (items.length === limit) return { items, nextCursor: next < ids.length ? String(next) : null };
    }
  }
  return { items, nextCursor: null };
}

async function readItems(cases: CaseStore, ids: readonly string[]): Promise<CaseItem[]> {
  return (await cases.histories(ids, historyLength)).map(itemOf);
}

export function itemOf({ record, mute, results, isWhole }: StoredHistory): CaseItem {
  const plain = results.map(({ reportNumber: _, ...result }) => result);
  return { ...record, mute, figures: figuresOf(plain, isWhole) };
}

/** A ranked list shows those alone to which its rank applies. */
function belongs({ figures }: CaseItem, sort: CaseSort): boolean {
  if (sort === 'flaky') return figures.flaky.isFlaky;
  if (sort === 'slower') return figures.times.isSlower;
  if (sort === 'newest_failure') return figures.streak !== null;
  return true;
}

function isIn({ figures, mute }: CaseItem, state: NonNullable<CasesQuery['state']>): boolean {
  switch (state) {
    case 'flaky':
      return figures.flaky.isFlaky;
    case 'slower':
      return figures.times.isSlower;
    case 'muted':
      return mute !== null;
    case 'failed':
      return figures.last !== null && hasFailed(figures.last);
    default:
      return figures.last?.status === state;
  }
}

/** Runs in which the case showed that it is flaky. */
function flakyCount({ figures: { flaky } }: CaseItem): number {
  return flaky.passesOnRetry.count + flaky.flips.count;
}

const comparisons: Record<'flaky' | 'slower' | 'newest_failure', (a: CaseItem, b: CaseItem) => number> = {
  flaky: (a, b) => flakyCount(b) - flakyCount(a) || byName(a, b),
  slower: (a, b) => (b.figures.times.change ?? 0) - (a.figures.times.change ?? 0) || byName(a, b),
  newest_failure: (a, b) => sinceOf(b).localeCompare(sinceOf(a)) || byName(a, b),
};

function sinceOf({ figures }: CaseItem): string {
  return figures.streak?.first.at ?? '';
}

function byName(a: CaseItem, b: CaseItem): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
}

function parseCursor(cursor: string): number {
  if (/^[1-9]\d{0,8}$/.test(cursor)) return Number(cursor);
  throw new AppError('bad_request', 'this cursor is not one that a list has answered: begin without one');
}
