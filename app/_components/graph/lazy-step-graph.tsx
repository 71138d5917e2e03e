'use client';

import { lazyPart } from '../lazy-part';
import { Skeleton } from '../notice';

/** The graph is a third of a page's script: the page is there before it. */
export const LazyStepGraph = lazyPart(
  () => import('./step-graph').then((part) => part.StepGraph),
  <Skeleton rows={6} />,
);
