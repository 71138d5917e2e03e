import type { PlannedNode } from '../model/node';
import type { StepStatus } from '../model/status';
import { createStepsAhead } from './ahead/steps-ahead';
import type { SpecContext } from './attempt-spec';
import type { RunContext } from './execution-run';
import { createFlow, type Move } from './flow';
import type { KeepAlive } from './keep-alive';
import type { Recorder } from './recorder';
import { isReused } from './result-reuse';
import type { OpeningProblem, RunEnvironment } from './run-environment';
import { beforeWhat, runStep } from './run-step';
import type { AttemptDependencies } from './run-step-attempt';
import { createStepEnds } from './step-ends';
import { createStepStops } from './step-stops';
import type { UnfinishedSteps } from './unfinished-steps';

/** How steps hear of what cuts their run short. */
export interface Cut {
  why: 'cancelled' | 'timed_out';
  sentence: string;
}

/** The steps of one run: performs what the flow decides, and reports to the flow what came of it. */
export interface ExecutionSteps {
  /** Starts what may start, from where the steps stand. */
  begin(): void;
  /** Goes on with the steps that someone began before us and that have not ended, also with those to be stopped. */
  resume(): void;
  /** Stops what runs and drops what has not started, but for the steps that always run. The first cut counts. */
  interrupt(cut: Cut, isForced: boolean): void;
  isCut(): boolean;
  /** Also the steps that always run. */
  dropAll(): void;
  /** Nothing can start: the environment is not open. */
  giveUp(problem: OpeningProblem): void;
  /** Decides about the services once nothing else is left. */
  decideToKeep(isInterrupted: boolean): void;
  /** Leaves every step running. */
  detach(): void;
  /** Resolves when what was made ahead and not used is removed. */
  endAhead(): Promise<void>;
}

export interface StepsOfRun {
  context: RunContext;
  recorder: Recorder;
  environment: RunEnvironment;
  keep: KeepAlive;
  unfinished: UnfinishedSteps;
  abandoned: AbortSignal;
}

export function createExecutionSteps(deps: AttemptDependencies, run: StepsOfRun): ExecutionSteps {
  const { recorder, keep, unfinished, abandoned } = run;
  const { plan, execution: start } = run.context;
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  const flow = createFlow(plan.nodes, plan.failFast);
  const stops = createStepStops(nodes);
  const starter = createStepStarter(deps, run, stops, (id, status) => {
    const moves = flow.report(id, status);
    perform(moves);
    return moves;
  });
  let cut: Cut | null = null;
  let isForced = false;

  function perform(moves: Move[]): void {
    for (const move of moves) {
      const node = nodes.get(move.id);
      if (!node || abandoned.aborted) return;
      if (move.type === 'start') starter.start(node);
      else if (move.type === 'skip') finishUnstarted(move.id, 'skipped', move.reason);
      else if (move.type === 'drop') drop(move.id);
      // An owner that dies before the commit leaves no service stopped that the next one still needs.
      else if (move.type === 'stop' && !keep.holdsServices())
        recorder.afterCommit(() => stops.stopService(move.id));
      else if (move.type === 'cancel') cancel(node, move.reason);
    }
  }

  function cancel(node: PlannedNode, reason: string): void {
    const graceMs = isForced ? 0 : node.graceMs;
    const request = () => stops.request(node.id, cut?.why ?? 'cancelled', graceMs, reason);
    if (cut) request();
    else recorder.afterCommit(request);
  }

  function drop(stepId: string): void {
    const sentence = cut?.sentence ?? 'the execution was cut short';
    const when = beforeWhat(recorder.step(stepId).attempts.length);
    finishUnstarted(stepId, 'cancelled', `${sentence}, ${when}`);
  }

  function finishUnstarted(
    stepId: string,
    status: 'skipped' | 'cancelled' | 'errored',
    reason: string,
  ): void {
    if (unfinished.isEnding(stepId) || stops.has(stepId)) return;
    const result = { exitCode: null, signal: null, oomKilled: false, reason };
    unfinished.end(stepId, { type: 'step.finished', stepId, status, result });
  }

  return {
    begin: () =>
      perform(
        flow.begin(new Map(start.steps.map((step) => [step.id, isReused(step) ? 'passed' : step.status]))),
      ),
    resume() {
      for (const { id, status } of start.steps) {
        const node = nodes.get(id);
        if (node && status !== 'pending' && unfinished.ids.has(id) && !unfinished.isEnding(id))
          starter.start(node);
      }
    },
    interrupt(next, hasToEndNow) {
      isForced ||= hasToEndNow;
      cut ??= next;
      void starter.endAhead();
      perform(flow.interrupt(cut.sentence, isForced));
    },
    isCut: () => cut !== null,
    dropAll() {
      for (const stepId of [...unfinished.ids]) drop(stepId);
    },
    giveUp({ reason, inShort }) {
      for (const stepId of [...unfinished.ids]) {
        const { after = [], onFailure = [] } = nodes.get(stepId) ?? {};
        if (after.length + onFailure.length > 0) finishUnstarted(stepId, 'skipped', `skipped: ${inShort}`);
        else finishUnstarted(stepId, 'errored', reason);
      }
    },
    decideToKeep(isInterrupted) {
      const decision = keep.decide(recorder.execution(), unfinished.ids, isInterrupted);
      for (const stepId of decision?.detach ?? []) stops.request(stepId, 'detached', 0, 'kept');
      for (const stepId of decision?.stop ?? []) stops.stopService(stepId);
    },
    detach: () => stops.requestAll('detached', 'handed over'),
    endAhead: starter.endAhead,
  };
}

/** Starts steps, and has the next ones made ready ahead. `report` answers what follows from a step's status. */
function createStepStarter(
  deps: AttemptDependencies,
  { context: { plan, execution, backend, claimed, places }, ...run }: StepsOfRun,
  stops: ReturnType<typeof createStepStops>,
  report: (stepId: string, status: StepStatus) => Move[],
): { start(node: PlannedNode): void; endAhead(): Promise<void> } {
  const { recorder, environment, unfinished, abandoned } = run;
  const ends = createStepEnds(plan.nodes);
  const specContext = (): SpecContext => ({
    ...{ plan, execution, recorder },
    services: environment.services,
    secrets: environment.secrets(),
  });
  const ahead = createStepsAhead(deps, () => ({
    ...specContext(),
    ...{ backend, places, abandoned },
    hasStarted: stops.has,
    isEnding: unfinished.isEnding,
  }));
  return {
    start(node) {
      if (!backend || stops.has(node.id)) return;
      const onStatus = (status: StepStatus) => {
        if (abandoned.aborted) return;
        const moves = report(node.id, status);
        // What starts now comes first: it looks again once it runs.
        if (!moves.some(({ type }) => type === 'start')) recorder.afterCommit(ahead.update);
      };
      const step = {
        ...specContext(),
        ...{ backend, ahead, places, ends, abandoned },
        fence: claimed.fence,
        stop: stops.add(node.id),
        onReady: () => onStatus('ready'),
        onEnd: onStatus,
      };
      unfinished.track(node.id, runStep(deps, step, node));
    },
    endAhead: ahead.end,
  };
}
