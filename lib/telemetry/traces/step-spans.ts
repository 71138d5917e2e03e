import type { ExecutionEvent } from '../../model/event';
import { staysUp } from '../../model/step-kind';
import { attemptSpans } from './attempt-spans';
import { spanIdOf } from './ids';
import { outcomeOf, type TraceSpan } from './span';

export type CreatedEvent = Extract<ExecutionEvent, { type: 'execution.created' }>;
export type CreatedStep = CreatedEvent['steps'][number];
type StepEvent = Extract<ExecutionEvent, { stepId: string }>;
type AttemptEvent = Extract<StepEvent, { attempt: number }>;

export interface StepPlace {
  executionId: string;
  /** When steps could begin: their environment was open. */
  openMs: number;
  /** When each step had ended, or was ready if it is a service. */
  settledMs: ReadonlyMap<string, number>;
  kinds: ReadonlyMap<string, CreatedStep['kind']>;
}

/** A step, why it waited, and its attempts. Empty for a step that has not ended. */
export function stepSpans(place: StepPlace, step: CreatedStep, events: readonly StepEvent[]): TraceSpan[] {
  const { executionId, openMs } = place;
  const finished = events.find((event) => event.type === 'step.finished');
  if (finished?.type !== 'step.finished') return [];
  const id = spanIdOf(executionId, step.id);
  const endMs = Date.parse(finished.at);
  const attempts = attemptsOf(events).flatMap((each) => attemptSpans(executionId, each));
  const { problem, attributes } = outcomeOf(finished.status, finished.result);
  const whole: TraceSpan = {
    name: step.id,
    id,
    parentId: spanIdOf(executionId),
    links: [...step.after, ...step.onFailure].map((other) => spanIdOf(executionId, other)),
    startMs: Math.min(openMs, endMs),
    endMs,
    problem,
    attributes: {
      'gantry.step.id': step.id,
      'gantry.step.name': step.name,
      'gantry.step.kind': step.kind,
      ...attributes,
    },
  };
  const waits = waitsOf(place, step, events).map(
    (wait, index): TraceSpan => ({
      name: 'waiting',
      id: spanIdOf(executionId, step.id, 'waiting', index),
      parentId: id,
      links: [],
      startMs: Math.min(wait.startMs, endMs),
      endMs: Math.min(wait.endMs, endMs),
      problem: null,
      attributes: { 'gantry.step.id': step.id, 'gantry.phase': 'waiting', 'gantry.waits_for': wait.sentence },
    }),
  );
  return [whole, ...waits.filter((wait) => wait.endMs > wait.startMs), ...attempts];
}

function attemptsOf(events: readonly StepEvent[]): AttemptEvent[][] {
  const attempts = new Map<number, AttemptEvent[]>();
  for (const event of events) {
    if (!('attempt' in event)) continue;
    attempts.set(event.attempt, [...(attempts.get(event.attempt) ?? []), event]);
  }
  return [...attempts.values()];
}

interface Wait {
  startMs: number;
  endMs: number;
  sentence: string;
}

/** For other steps, then for room, then before each retry. */
function waitsOf(place: StepPlace, step: CreatedStep, events: readonly StepEvent[]): Wait[] {
  const waits: Wait[] = [];
  let next: Omit<Wait, 'endMs'> | null = {
    startMs: place.openMs,
    sentence: explainDependencies(place, step),
  };
  for (const event of events) {
    const atMs = Date.parse(event.at);
    const isOver =
      event.type === 'step.queued' || event.type === 'attempt.started' || event.type === 'step.finished';
    if (next && isOver) {
      waits.push({ ...next, endMs: atMs });
      next = null;
    }
    if (event.type === 'step.queued') next = { startMs: atMs, sentence: event.waitsFor ?? 'a place to run' };
    if (event.type === 'attempt.finished' && event.retryAt)
      next = { startMs: atMs, sentence: `the retry at ${event.retryAt}` };
  }
  return waits;
}

function explainDependencies({ settledMs, kinds }: StepPlace, step: CreatedStep): string {
  const others = [...step.after, ...step.onFailure];
  if (others.length === 0) return 'its turn';
  const timeOf = (id: string) => settledMs.get(id) ?? 0;
  const last = others.reduce((latest, id) => (timeOf(id) > timeOf(latest) ? id : latest));
  const kind = kinds.get(last);
  const until = kind && staysUp(kind) ? 'was ready' : 'ended';
  if (others.length === 1) return `${last}, until it ${until}`;
  return `${others.join(', ')}; the last was ${last}, until it ${until}`;
}
