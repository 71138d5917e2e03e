import type { Backend } from '../backends/backend';
import { messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Execution, Step } from '../model/execution';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import { isFinalExecution, isFinalStep, type StepStatus } from '../model/status';
import type { ClaimedExecution } from '../store/store';
import { concludeExecution, type Interruption, interruptionBefore, limitSentence } from './cause';
import { closeEnvironment, openEnvironment } from './environment';
import { duration } from './evaluate';
import { createFlow, type Move } from './flow';
import { createKeep } from './keep';
import { maskEvent } from './mask-event';
import { persist } from './persist';
import type { Places } from './places';
import { createRecorder } from './recorder';
import type { AttemptDependencies } from './run-attempt';
import { runStep } from './run-step';
import { noSecrets, resolveSecrets, type SecretValues } from './secret-values';
import { createSignal } from './signal';
import { createServiceDirectory } from './step-spec';
import { createStopSwitch, type StopSwitch } from './stop-switch';

/** Backends let go of a step that is handed over at once; one that does not is not waited for longer. */
const longestHandOverMs = 5_000;

/** The handle by which the scheduler speaks to a run. */
export interface ExecutionRun {
  cancel(by: string): void;
  /** Lets go at once and leaves the steps running; `done` resolves soon after. Nothing is written any more. */
  handOver(): void;
  /** Resolves with true when the execution has ended, false when it was handed over. Never rejects. */
  done: Promise<boolean>;
}

export interface RunContext {
  claimed: ClaimedExecution;
  execution: Execution;
  plan: Plan;
  backend: Backend | null;
  owner: string;
  places: Places;
}

/** Runs an execution from where it stands to its end, and removes its environment unless it is to be kept. */
export function runExecution(deps: AttemptDependencies, context: RunContext): ExecutionRun {
  const { clock, logger } = deps;
  const { claimed, plan, execution: start, backend } = context;
  const { id, fence } = claimed;
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  const services = createServiceDirectory(plan);
  const switches = new Map<string, StopSwitch>();
  const left = new Set(start.steps.filter((step) => !isFinalStep(step.status)).map((step) => step.id));
  const ending = new Set<string>();
  const running = new Set<Promise<void>>();
  const over = createSignal();
  const stepsEnded = new AbortController();
  const abandoned = new AbortController();
  let isOpen = start.steps.some((step) => step.attempts.length > 0);
  let secrets: SecretValues = noSecrets;
  let interruption: Interruption | null = interruptionBefore(start, plan);
  const flow = createFlow(plan.nodes, plan.failFast);
  const keep = createKeep(plan, () => clock.now());
  const recorder = createRecorder({ clock, logger, events: deps.store.events }, start, fence, {
    onFenced: handOver,
    mask: (event) => maskEvent(event, secrets.masker),
  });

  function handOver(): void {
    if (abandoned.signal.aborted) return;
    abandoned.abort();
    void recorder.close();
    for (const each of switches.values()) each.request('handed_over', 0, 'handed over');
    over.resolve();
  }

  /** Ends every step that has not ended. The first interruption counts. */
  function interrupt(next: Interruption, why: 'cancelled' | 'timed_out', sentence: string): void {
    if (abandoned.signal.aborted || left.size === 0) return;
    interruption ??= next;
    for (const stepId of [...left]) {
      const known = switches.get(stepId);
      if (known) known.request(why, nodes.get(stepId)?.graceMs ?? 0, sentence);
      else finishUnstarted(stepId, 'cancelled', `${sentence}, before it started`);
    }
  }

  function finishUnstarted(
    stepId: string,
    status: 'skipped' | 'cancelled' | 'errored',
    reason: string,
  ): void {
    if (ending.has(stepId) || switches.has(stepId)) return;
    ending.add(stepId);
    const result = { exitCode: null, signal: null, oomKilled: false, reason };
    track(stepId, recorder.record({ type: 'step.finished', stepId, status, result }));
  }

  /** The step is over once its end is committed. */
  function track(stepId: string, work: Promise<void>): void {
    const tracked = work
      .then(() => {
        if (abandoned.signal.aborted) return;
        left.delete(stepId);
        decideToKeep();
        if (left.size === 0) over.resolve();
      })
      .catch((error: unknown) => {
        if (abandoned.signal.aborted) return;
        // Its end cannot be written: the execution is left as it stands, for whoever claims it next.
        logger.error(
          { execution: id, step: stepId, error: messageOf(error) },
          'a step could not be brought to its end',
        );
        handOver();
      })
      .finally(() => running.delete(tracked));
    running.add(tracked);
  }

  function perform(moves: Move[]): void {
    for (const move of moves) {
      const node = nodes.get(move.id);
      if (!node || abandoned.signal.aborted) return;
      // After an interruption every step that had not started has its end already.
      if (move.type === 'start' && !interruption) startStep(node);
      else if (move.type === 'skip' && !interruption) finishUnstarted(move.id, 'skipped', move.reason);
      // An owner that dies before the commit leaves no service stopped that the next one still needs.
      else if (move.type === 'stop' && !keep.holdsBack()) recorder.afterCommit(() => stopService(move.id));
      else if (move.type === 'cancel')
        recorder.afterCommit(() => switches.get(move.id)?.request('cancelled', node.graceMs, move.reason));
    }
  }

  function stopService(stepId: string): void {
    const graceMs = nodes.get(stepId)?.graceMs ?? 0;
    switches.get(stepId)?.request('not_needed', graceMs, 'nothing needs it any more');
  }

  function decideToKeep(): void {
    if (!isOpen) return;
    const decision = keep.decide(recorder.execution(), left, interruption !== null);
    for (const stepId of decision?.letGo ?? []) switches.get(stepId)?.request('handed_over', 0, 'kept');
    for (const stepId of decision?.stop ?? []) stopService(stepId);
  }

  function startStep(node: PlannedNode): void {
    if (!backend || switches.has(node.id)) return;
    const stop = createStopSwitch();
    switches.set(node.id, stop);
    const report = (status: StepStatus) => {
      if (!abandoned.signal.aborted) perform(flow.report(node.id, status));
    };
    const step = {
      plan,
      execution: start,
      services,
      secrets,
      backend,
      recorder,
      fence,
      places: context.places,
      stop,
      abandoned: abandoned.signal,
      onReady: () => report('ready'),
      onEnd: (status: StepStatus) => report(status),
    };
    track(node.id, runStep(deps, step, node));
  }

  async function run(): Promise<boolean> {
    if (isFinalExecution(start.status)) return true;
    try {
      const type = claimed.adopted ? 'execution.adopted' : 'execution.started';
      await recorder.record({ type, owner: context.owner });
      takeOverResults();
      if (start.cancelRequestedAt) cancel(start.cancelRequestedBy ?? 'someone');
      if (left.size > 0) await runSteps();
      else decideToKeep();
      stepsEnded.abort();
      if (!abandoned.signal.aborted) return await conclude();
    } catch (error) {
      if (!abandoned.signal.aborted) {
        logger.error(
          { execution: id, error: messageOf(error) },
          'an execution could not go on; it is claimed again later',
        );
        handOver();
      }
    }
    stepsEnded.abort();
    await letGo();
    return false;
  }

  /** The steps that keep an earlier run's result end with it, without an attempt. */
  function takeOverResults(): void {
    for (const { id: stepId, takeOver } of start.steps) {
      if (!takeOver?.from || !takeOver.result || !left.has(stepId)) continue;
      ending.add(stepId);
      const reports = takeOver.reports.map(
        (report): NewEvent => ({ type: 'step.report', stepId, attempt: report.attempt, report }),
      );
      const { result } = takeOver;
      track(stepId, recorder.record(...reports, { type: 'step.finished', stepId, status: 'passed', result }));
    }
  }

  async function runSteps(): Promise<void> {
    const mayStart = interruption === null || start.steps.some((step) => step.attempts.length > 0);
    if (mayStart && (await open())) {
      limitTime();
      // Steps that someone began before us and that have not ended: also those to be stopped.
      for (const step of start.steps) {
        const node = nodes.get(step.id);
        if (node && step.status !== 'pending' && left.has(step.id) && !ending.has(step.id)) startStep(node);
      }
      if (start.cancelRequestedAt) cancel(start.cancelRequestedBy ?? 'someone');
      perform(flow.begin(new Map(start.steps.map((step) => [step.id, statusAtStart(step)]))));
    }
    if (left.size > 0) await over.wait;
  }

  /** False when it could not be opened, and every step has got its end for it. */
  async function open(): Promise<boolean> {
    try {
      // Again when it is adopted: they are kept nowhere.
      secrets = await resolveSecrets(deps, plan, abandoned.signal);
    } catch (error) {
      return giveUp(messageOf(error), 'its secrets could not be had');
    }
    const problem = await openEnvironment(deps, context, services);
    if (problem !== null) {
      const what = 'the environment could not be opened';
      return giveUp(`${what}: ${problem}`, what);
    }
    isOpen = true;
    await recorder.record({ type: 'environment.opened' });
    return true;
  }

  function giveUp(reason: string, inShort: string): false {
    for (const stepId of [...left]) {
      const waits = [...(nodes.get(stepId)?.after ?? []), ...(nodes.get(stepId)?.onFailure ?? [])].length > 0;
      if (waits) finishUnstarted(stepId, 'skipped', `skipped: ${inShort}`);
      else finishUnstarted(stepId, 'errored', reason);
    }
    return false;
  }

  function limitTime(): void {
    const { timeoutMs } = plan;
    if (timeoutMs === null) return;
    const usedMs = start.startedAt ? clock.now().getTime() - Date.parse(start.startedAt) : 0;
    void clock.sleep(Math.max(0, timeoutMs - usedMs), stepsEnded.signal).then(() => {
      if (stepsEnded.signal.aborted) return;
      const words = `the execution's limit of ${duration(timeoutMs)} ran out`;
      interrupt({ why: 'timed_out', sentence: limitSentence(timeoutMs) }, 'timed_out', words);
    });
  }

  async function conclude(): Promise<boolean> {
    const until = keep.until();
    if (until !== null) return concludeKept(until);
    const closing = await closeEnvironment(deps, context, abandoned.signal);
    const end = concludeExecution(recorder.execution(), interruption);
    await recorder.record(closing, { type: 'execution.finished', ...end });
    return true;
  }

  /** Its row comes first: an ended execution's environment is a zombie unless something says that it is kept. */
  async function concludeKept(until: string): Promise<boolean> {
    await recorder.record(...keep.ends(recorder.execution()));
    await persist(deps, { execution: id }, abandoned.signal, () => deps.store.environments.keep(id, until));
    const end = concludeExecution(recorder.execution(), interruption);
    await recorder.record({ type: 'environment.kept', until }, { type: 'execution.finished', ...end });
    return true;
  }

  /** Until no step of ours is attended and nothing is being written, so that another owner can go on. */
  async function letGo(): Promise<void> {
    const tooLong = new AbortController();
    await Promise.race([
      Promise.allSettled([...running, recorder.close()]),
      clock.sleep(longestHandOverMs, tooLong.signal),
    ]);
    tooLong.abort();
  }

  function cancel(by: string): void {
    interrupt({ why: 'cancelled', by }, 'cancelled', `the execution was cancelled by ${by}`);
  }

  return { cancel, handOver, done: run() };
}

function statusAtStart(step: Step): StepStatus {
  return step.takeOver?.from ? 'passed' : step.status;
}
