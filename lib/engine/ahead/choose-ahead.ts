import type { AheadStage } from '../../model/prepared-step';
import type { FlowNode } from '../flow-graph';

/** How far a step is, to those that come after it. `left_out`: it does not run, or no more. */
export type Progress = 'waiting' | 'going' | 'good' | 'bad' | 'left_out';

/** What is there of a step: null while it is being made, or cannot be. */
export type Made = ReadonlyMap<string, AheadStage | null>;

export interface AheadView {
  node(id: string): FlowNode;
  /** The steps that come after it, in the order of the plan. */
  dependentsOf(id: string): readonly string[];
  progressOf(id: string): Progress;
  /** False when something of it is only known later. */
  canBeMade(id: string): boolean;
  /** The steps that have begun and not ended, in the order of the plan. */
  going: readonly string[];
  made: Made;
  /** Steps ahead at most. */
  limit: number;
  /** Of the backend, over all executions: steps that could run now beside those that run and those that stand. */
  freePlaces: number;
}

export interface AheadChoice {
  /** What is to be made, and how far, in the order of need. */
  make: { id: string; stage: AheadStage }[];
  /** What is there and not needed any more. */
  discard: string[];
}

/**
 * Which steps are made ready ahead: those that wait for nothing but steps that go, the nearest first, then those that come
 * after them. A step that only runs once another has failed is made ready when that has. What is left out costs time and
 * nothing else. Pure, and as cheap as the neighbourhood of the steps that go.
 */
export function chooseAhead(view: AheadView): AheadChoice {
  const discard = [...view.made.keys()].filter((id) => !isStillNeeded(view, id));
  let room = view.limit - (view.made.size - discard.length);
  let places = view.freePlaces;
  const make: AheadChoice['make'] = [];
  for (const id of nearest(view)) {
    const stage = view.made.get(id);
    const isThere = stage !== undefined;
    if (isThere && stage !== 'prepared') continue;
    if (!isThere && (room <= 0 || !view.canBeMade(id))) continue;
    if (!isThere) room -= 1;
    const canStand = places > 0;
    if (canStand) places -= 1;
    if (!isThere || canStand) make.push({ id, stage: canStand ? 'standing' : 'prepared' });
  }
  return { make, discard };
}

/** The steps that can be next, by the number of ends that they wait for one after another. */
function nearest(view: AheadView): string[] {
  const found = new Set<string>();
  for (let level = view.going; level.length > 0 && found.size < view.limit; ) {
    const next = level.flatMap((id) => view.dependentsOf(id));
    const known = new Set(found);
    level = [...new Set(next)].filter((id) => !known.has(id) && mayBeNext(view, id, known));
    for (const id of level) found.add(id);
  }
  return [...found];
}

function mayBeNext(view: AheadView, id: string, before: ReadonlySet<string>): boolean {
  const { after, onFailure } = view.node(id);
  if (view.progressOf(id) !== 'waiting' || !isStillNeeded(view, id)) return false;
  if (onFailure.length > 0 && !onFailure.some((other) => view.progressOf(other) === 'bad')) return false;
  return [...after, ...onFailure].every((other) => view.progressOf(other) !== 'waiting' || before.has(other));
}

function isStillNeeded(view: AheadView, id: string): boolean {
  const progress = view.progressOf(id);
  if (progress !== 'waiting') return progress === 'going';
  const { after, always } = view.node(id);
  return always || after.every((other) => letsGo(view, other));
}

function letsGo(view: AheadView, id: string): boolean {
  const progress = view.progressOf(id);
  return progress === 'bad' ? view.node(id).continueOnFailure : progress !== 'left_out';
}
