import type { ExecutionEvent } from '../../model/event';
import type { FinalExecutionStatus } from '../../model/status';
import { staysUp } from '../../model/step-kind';
import { spanIdOf } from './ids';
import type { TraceSpan } from './span';
import { type CreatedEvent, stepSpans } from './step-spans';

type StepEvent = Extract<ExecutionEvent, { stepId: string }>;

/** As the conventions of OpenTelemetry for CI call the ends. */
const results: Record<FinalExecutionStatus, string> = {
  passed: 'success',
  failed: 'failure',
  errored: 'error',
  cancelled: 'cancellation',
  timed_out: 'timeout',
};

/**
 * The trace of an execution, from its whole history: the execution, its environment, its steps, their attempts and
 * phases. Empty until it has ended.
 */
export function executionSpans(executionId: string, events: readonly ExecutionEvent[]): TraceSpan[] {
  const created = events.find((event) => event.type === 'execution.created');
  const finished = events.find((event) => event.type === 'execution.finished');
  if (created?.type !== 'execution.created' || finished?.type !== 'execution.finished') return [];
  const createdMs = Date.parse(created.at);
  const endMs = Date.parse(finished.at);
  const isBad = finished.status !== 'passed' && finished.status !== 'cancelled';
  const whole: TraceSpan = {
    name: created.suite.id,
    id: spanIdOf(executionId),
    parentId: null,
    links: [],
    startMs: createdMs,
    endMs,
    problem: isBad ? (finished.cause?.sentence ?? finished.status) : null,
    attributes: {
      ...describe(executionId, created),
      'gantry.status': finished.status,
      'cicd.pipeline.result': results[finished.status],
    },
  };
  const ofSteps = new Map<string, StepEvent[]>();
  for (const event of events) {
    if (!('stepId' in event)) continue;
    const known = ofSteps.get(event.stepId);
    if (known) known.push(event);
    else ofSteps.set(event.stepId, [event]);
  }
  const opened = events.find((event) => event.type === 'environment.opened');
  const started = events.find((event) => event.type === 'execution.started');
  const place = {
    executionId,
    openMs: Date.parse((opened ?? started ?? created).at),
    settledMs: settledTimes(created, events),
    kinds: new Map(created.steps.map(({ id, kind }) => [id, kind])),
  };
  return [
    whole,
    ...stagesOf(executionId, created, events),
    ...created.steps.flatMap((step) => stepSpans(place, step, ofSteps.get(step.id) ?? [])),
  ];
}

function describe(executionId: string, created: CreatedEvent): Record<string, string | number> {
  return {
    'gantry.execution.id': executionId,
    'gantry.suite': created.suite.id,
    'gantry.profile': created.profile,
    'gantry.backend': created.backend.id,
    'gantry.backend.kind': created.backend.kind,
    'gantry.author': created.author,
    'gantry.steps': created.steps.length,
    ...(created.rerunOf ? { 'gantry.rerun_of': created.rerunOf } : {}),
    ...Object.fromEntries(
      Object.entries(created.labels).map(([name, value]) => [`gantry.label.${name}`, value]),
    ),
    'cicd.pipeline.name': created.suite.id,
    'cicd.pipeline.run.id': executionId,
  };
}

/** What the execution did beside its steps. */
function stagesOf(
  executionId: string,
  created: CreatedEvent,
  events: readonly ExecutionEvent[],
): TraceSpan[] {
  const timeOf = (type: ExecutionEvent['type']) => {
    const event = events.find((each) => each.type === type);
    return event ? Date.parse(event.at) : null;
  };
  const startedMs = timeOf('execution.started');
  const openedMs = timeOf('environment.opened');
  const closedMs = timeOf('environment.closed');
  const lastStep = events.findLast((event) => event.type === 'step.finished');
  const stages: [name: string, startMs: number | null, endMs: number | null][] = [
    ['queued', Date.parse(created.at), startedMs],
    ['open environment', startedMs, openedMs],
    ['close environment', lastStep ? Date.parse(lastStep.at) : null, closedMs],
  ];
  return stages.flatMap(([name, startMs, endMs]) =>
    startMs === null || endMs === null || endMs < startMs
      ? []
      : [
          {
            name,
            id: spanIdOf(executionId, 'stage', name),
            parentId: spanIdOf(executionId),
            links: [],
            startMs,
            endMs,
            problem: null,
            attributes: { 'gantry.execution.id': executionId, 'gantry.phase': name },
          },
        ],
  );
}

function settledTimes(created: CreatedEvent, events: readonly ExecutionEvent[]): Map<string, number> {
  const services = new Set(created.steps.filter(({ kind }) => staysUp(kind)).map(({ id }) => id));
  const settled = new Map<string, number>();
  for (const event of events) {
    const isReady = event.type === 'attempt.ready' && services.has(event.stepId);
    const isOver = event.type === 'step.finished' && !settled.has(event.stepId);
    if (isReady || isOver) settled.set(event.stepId, Date.parse(event.at));
  }
  return settled;
}
