import type { CaseItem } from '@/lib/model/cases/case-views';
import type { CaseSort, CaseStore } from '@/lib/store/case-store';
import { listCases, readCase } from './all-cases';
import type { PlantedTruths } from './seeded-cases';

/** The same facts as the API tells them, which is what the pages show. */
export async function readTold(cases: CaseStore): Promise<PlantedTruths> {
  const list = async (sort: CaseSort) => {
    const items: CaseItem[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listCases(cases, {
        suite: 'seeded',
        sort,
        limit: 100,
        ...(cursor ? { cursor } : {}),
      });
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };
  const idsOf = (items: CaseItem[]) => new Set(items.map(({ id }) => id));
  const flaky = idsOf(await list('flaky'));
  const failing = (await list('newest_failure')).filter(({ id }) => !flaky.has(id));
  const brokenBy = (what: 'image' | 'package') =>
    idsOf(failing.filter(({ figures }) => figures.streak?.changes.some((change) => change.what === what)));
  const renamed = new Map<string, string>();
  for (const { id, figures } of await list('name')) {
    if (figures.runs === 100) continue;
    const { renamedFrom } = await readCase(cases, id);
    if (renamedFrom) renamed.set(id, renamedFrom.id);
  }
  return {
    flaky,
    brokenByImage: brokenBy('image'),
    brokenByFile: brokenBy('package'),
    renamed,
    slower: idsOf(await list('slower')),
  };
}

export interface Accuracy {
  what: string;
  precision: number;
  recall: number;
}

/** Precision and recall of each kind of truth. */
export function accuracyOf(planted: PlantedTruths, told: PlantedTruths): Accuracy[] {
  const pairs = (renamed: Map<string, string>) =>
    new Set([...renamed].map(([now, before]) => `${now} ${before}`));
  const kinds: [string, Set<string>, Set<string>][] = [
    ['flaky', planted.flaky, told.flaky],
    ['broken by an image', planted.brokenByImage, told.brokenByImage],
    ['broken by a file', planted.brokenByFile, told.brokenByFile],
    ['renamed', pairs(planted.renamed), pairs(told.renamed)],
    ['slower by a fifth', planted.slower, told.slower],
  ];
  return kinds.map(([what, truth, said]) => {
    const right = [...said].filter((id) => truth.has(id)).length;
    return { what, precision: right / said.size, recall: right / truth.size };
  });
}
