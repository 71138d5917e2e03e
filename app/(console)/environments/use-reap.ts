'use client';

import { useState } from 'react';
import { followProgress } from '@/app/_components/follow-progress';
import type { ReapProgress, ReapResult } from '@/lib/model/environment';

export interface Reap {
  phase: 'asking' | 'going' | 'done';
  /** `kind name` of what is gone. */
  removed: ReadonlySet<string>;
  /** Environments whose executions are being cancelled first. */
  cancelling: ReadonlySet<string>;
  results: ReapResult[];
  problem: string | null;
}

const nothing: Reap = {
  phase: 'asking',
  removed: new Set(),
  cancelling: new Set(),
  results: [],
  problem: null,
};

/** Asks for a reap and follows what it says. */
export function useReap() {
  const [reap, setReap] = useState<Reap>(nothing);

  async function start(path: string, body: object): Promise<void> {
    setReap({ ...nothing, phase: 'going' });
    const problem = await followProgress<ReapProgress>(path, body, (progress) =>
      setReap((now) => apply(now, progress)),
    );
    setReap((now) => ({ ...now, phase: 'done', problem }));
  }

  return { reap, start, forget: () => setReap(nothing) };
}

function apply(reap: Reap, progress: ReapProgress): Reap {
  switch (progress.type) {
    case 'cancelling':
      return { ...reap, cancelling: new Set([...reap.cancelling, progress.id]) };
    case 'removing': {
      const cancelling = new Set(reap.cancelling);
      cancelling.delete(progress.id);
      return { ...reap, cancelling };
    }
    case 'removed':
      return { ...reap, removed: new Set([...reap.removed, `${progress.kind} ${progress.name}`]) };
    case 'done':
      return { ...reap, results: [...reap.results, progress.result] };
  }
}
