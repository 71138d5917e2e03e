'use client';

import { useEffect, useMemo, useState } from 'react';
import type { GraphStep } from './edges';
import { type Layout, layOut } from './layout';

const maxInline = 60;

/** Where steps and frames go. Small graphs are laid out at once, large ones in a worker: null until it has answered. */
export function useLayout(steps: GraphStep[]): Layout | null {
  const shape = steps.map((step) => `${step.id}<${step.after.join()}|${step.onFailure.join()}`).join(';');
  const isSmall = steps.length <= maxInline;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape stands for the steps, which change with every event
  const inline = useMemo(() => (isSmall ? layOut(steps) : null), [shape]);
  const [placed, setPlaced] = useState<Layout | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    if (isSmall) return;
    const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (message: MessageEvent<Layout>) => setPlaced(message.data);
    worker.postMessage(steps.map(({ id, after, onFailure }) => ({ id, after, onFailure })));
    return () => worker.terminate();
  }, [shape]);

  return inline ?? placed;
}
