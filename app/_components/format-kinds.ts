import { suiteStepKinds } from '@/lib/model/step-kind';
import type { SuiteStepKind } from '@/lib/model/suite';

type Counts = Partial<Record<SuiteStepKind, number>>;

/** "2 services, 1 test". */
export function formatKinds(counts: Counts): string {
  return suiteStepKinds
    .flatMap((kind) => {
      const number = counts[kind];
      return number ? [`${number} ${number === 1 || kind === 'traffic' ? kind : `${kind}s`}`] : [];
    })
    .join(', ');
}

export function countKinds(steps: readonly { kind: SuiteStepKind }[]): Counts {
  const counts: Counts = {};
  for (const { kind } of steps) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
