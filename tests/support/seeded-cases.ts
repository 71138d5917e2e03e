import { caseIdOf } from '@/lib/engine/cases/case-id';
import { fingerprintOf } from '@/lib/engine/cases/fingerprint';
import type { NewCaseReport, NewCaseResult } from '@/lib/model/cases/case-record';
import type { CaseIdentity } from '@/lib/model/report';

/** What was planted into a history, by the ids of cases. `renamed`: the old id by the new one. */
export interface PlantedTruths {
  flaky: Set<string>;
  brokenByImage: Set<string>;
  brokenByFile: Set<string>;
  renamed: Map<string, string>;
  slower: Set<string>;
}

interface SeededHistory {
  truths: PlantedTruths;
  /** The results of one run, from 0; to be made in order. */
  report(run: number): NewCaseReport;
}

const suiteId = 'seeded';
const stepId = 'tests';
type Try = NewCaseResult['tries'][number];

/**
 * A history of `runs` runs of `count` cases. 3 % of them are flaky; an image breaks 1 % 50 runs before the end, a changed
 * file 1 % 20 runs before it, 1 % are renamed 30 runs before it and 2 % take a fifth longer from then on. Times scatter by
 * 8 %, files change every 20 runs, 1 % break and are mended by a file long before the end.
 */
export function seedHistory(runs: number, count: number, seed = 7): SeededHistory {
  const random = generator(seed);
  const share = (percent: number) => Math.max(2, Math.round((count * percent) / 100));
  const sizes = {
    flaky: share(3),
    image: share(1),
    file: share(1),
    renamed: share(1),
    slower: share(2),
    mended: share(1),
  };
  const identities = Array.from({ length: count }, (_, index) => identityOf(index));
  const renamedIdentities = new Map<number, CaseIdentity>();
  let next = 0;
  const take = (size: number) => new Set(Array.from({ length: size }, () => (next++ * 7) % count));
  const groups = {
    flaky: take(sizes.flaky),
    image: take(sizes.image),
    file: take(sizes.file),
    renamed: take(sizes.renamed),
    slower: take(sizes.slower),
    mended: take(sizes.mended),
  };
  for (const index of groups.renamed) {
    const identity = identityOf(index);
    renamedIdentities.set(index, { ...identity, name: `${identity.name} at once` });
  }
  const ids = (group: Set<number>) =>
    new Set([...group].map((index) => idOf(identities[index] ?? identityOf(index))));
  const base = identities.map(() => 60 + 500 * random());

  const tryOf = (status: Try['status'], durationMs: number, message: string | null): Try => ({
    status,
    durationMs,
    message,
    output: null,
    fingerprint: fingerprintOf(message),
  });

  function triesOf(index: number, run: number): Try[] {
    const scatter = Math.exp(0.08 * normal(random));
    const slower = groups.slower.has(index) && run >= runs - 30 ? 1.2 : 1;
    const time = (base[index] ?? 100) * scatter * slower;
    const broken =
      (groups.image.has(index) && run >= runs - 50) ||
      (groups.file.has(index) && run >= runs - 20) ||
      (groups.mended.has(index) && run >= runs - 80 && run < runs - 60);
    if (broken)
      return [tryOf('failed', time, `expected 200, got ${500 + (run % 4)} for order ${run}-${index}`)];
    if (groups.flaky.has(index) && random() < 0.1) {
      const failure = tryOf('failed', time, `timed out after ${Math.round(5_000 + 100 * random())} ms`);
      return random() < 0.5 ? [failure, tryOf('passed', time, null)] : [failure];
    }
    return [tryOf('passed', time, null)];
  }

  return {
    truths: {
      flaky: ids(groups.flaky),
      brokenByImage: ids(groups.image),
      brokenByFile: ids(groups.file),
      slower: ids(groups.slower),
      renamed: new Map(
        [...renamedIdentities].map(([index, identity]) => [idOf(identity), idOf(identityOf(index))]),
      ),
    },
    report: (run) => ({
      executionId: `run-${run}`,
      suiteId,
      stepId,
      attempt: 1,
      path: 'junit.xml',
      artifactId: `artifact-${run}`,
      at: new Date(Date.UTC(2026, 0, 1) + run * 600_000).toISOString(),
      profile: 'default',
      // The newest change is 20 runs before the end.
      packageDigest: `sha256:${Math.floor((run - runs) / 20)}`,
      images: { [stepId]: 'node:22', shop: run >= runs - 50 ? 'shop:2' : 'shop:1' },
      results: identities.map((identity, index) => {
        const shown = (run >= runs - 30 && renamedIdentities.get(index)) || identity;
        return { ...shown, id: idOf(shown), tries: triesOf(index, run) };
      }),
    }),
  };
}

const verbs = [
  'pays',
  'ships',
  'cancels',
  'returns',
  'weighs',
  'prints',
  'counts',
  'merges',
  'splits',
  'closes',
];
const nouns = ['an order', 'a cart', 'a parcel', 'an invoice', 'a voucher', 'a refund', 'a label'];

function identityOf(index: number): CaseIdentity {
  const name = `${verbs[index % verbs.length]} ${nouns[index % nouns.length]} of customer ${index}`;
  const file = `tests/${nouns[index % nouns.length]?.split(' ')[1]}.test.ts`;
  return { file, path: ['shop'], className: null, name, parameters: {} };
}

function idOf(identity: CaseIdentity): string {
  return caseIdOf(suiteId, stepId, identity);
}

/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Box and Muller's transform. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
