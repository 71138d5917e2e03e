import type { ExecutionEvent } from '../../model/event';
import { spanIdOf } from './ids';
import { outcomeOf, type TraceSpan } from './span';

type AttemptEvent = Extract<ExecutionEvent, { attempt: number }>;

/** One attempt and its phases, from its events in order. Empty for an attempt that never began or has not ended. */
export function attemptSpans(executionId: string, events: readonly AttemptEvent[]): TraceSpan[] {
  const started = events.find((event) => event.type === 'attempt.started');
  const finished = events.find((event) => event.type === 'attempt.finished');
  if (!started || finished?.type !== 'attempt.finished') return [];
  const { stepId, attempt } = started;
  const id = spanIdOf(executionId, stepId, attempt);
  const { problem, attributes } = outcomeOf(finished.status, finished.result);
  const whole: TraceSpan = {
    name: `attempt ${attempt}`,
    id,
    parentId: spanIdOf(executionId, stepId),
    links: [],
    startMs: Date.parse(started.at),
    endMs: Date.parse(finished.at),
    problem,
    attributes: { 'gantry.step.id': stepId, 'gantry.attempt': attempt, ...attributes },
  };
  const phases = phasesOf(events, whole);
  return [
    whole,
    ...phases.map(
      ({ name, detail, startMs, endMs }, index): TraceSpan => ({
        name,
        id: spanIdOf(executionId, stepId, attempt, index, name),
        parentId: id,
        links: [],
        startMs,
        endMs,
        problem: null,
        attributes: {
          'gantry.step.id': stepId,
          'gantry.attempt': attempt,
          'gantry.phase': name,
          ...(detail === null ? {} : { 'gantry.phase.detail': detail }),
        },
      }),
    ),
  ];
}

interface Phase {
  name: string;
  detail: string | null;
  startMs: number;
  endMs: number;
}

/** Each lasts until the next one begins, so that they fill the attempt. */
function phasesOf(events: readonly AttemptEvent[], { startMs, endMs }: TraceSpan): Phase[] {
  const phases: Phase[] = [{ name: 'preparing', detail: null, startMs, endMs }];
  for (const event of events) {
    const next = phaseOf(event);
    const last = phases.at(-1);
    if (!next || !last) continue;
    if (next.name === last.name) {
      last.detail = next.detail ?? last.detail;
      continue;
    }
    // The phase's own time is older than its event, and may lie before what was recorded meanwhile.
    const atMs = Math.min(endMs, Math.max(last.startMs, next.atMs));
    last.endMs = atMs;
    phases.push({ name: next.name, detail: next.detail, startMs: atMs, endMs });
  }
  return phases.filter((phase) => phase.endMs > phase.startMs || phase.name === 'running');
}

function phaseOf(event: AttemptEvent): { name: string; detail: string | null; atMs: number } | null {
  switch (event.type) {
    case 'attempt.phase':
      return { name: event.phase.name, detail: event.phase.detail, atMs: Date.parse(event.phase.at) };
    case 'attempt.running':
      return { name: 'running', detail: null, atMs: Date.parse(event.at) };
    case 'attempt.ready':
      return { name: 'ready', detail: null, atMs: Date.parse(event.at) };
    default:
      return null;
  }
}
