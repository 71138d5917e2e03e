import { messageOf } from '../model/errors';
import type { PlannedNode } from '../model/node';
import { isFinalExecution, isFinalStep, type StepStatus } from '../model/status';
import { createStepsAhead } from './ahead/steps-ahead';
import { conclude } from './conclude';
import { formatLimit, type Interruption, interruptionOf, limitReason } from './conclude-execution';
import { createDeferred } from './deferred';
import { openEnvironment } from './environment';
import type { ExecutionRun, RunContext } from './execution-run';
import { createFlow, type Move } from './flow';
import { createKeepAlive } from './keep-alive';
import { maskEvent } from './mask-event';
import { createRecorder } from './recorder';
import { isReused, reuseEvents } from './result-reuse';
import type { AttemptDependencies } from './run-attempt';
import { beforeWhat, runStep } from './run-step';
import { noSecrets, resolveSecrets, type SecretValues } from './secret-values';
import { createStepEnds } from './step-ends';
import { createServiceDirectory } from './step-spec';
import { createStopController, type StopController } from './stop-controller';

/** Backends let go of a step that is handed over at once; one that does not is not waited for longer. */
const maxDetachMs = 5_000;

/** Runs an execution from where it stands to its end, and removes its environment unless it is to be kept. */
export function runExecution(deps: AttemptDependencies, context: RunContext): ExecutionRun {
  const { clock, logger } = deps;
  const { claimed, plan, execution: start, backend } = context;
  const { id, fence } = claimed;
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  const services = createServiceDirectory(plan);
  const stops = new Map<string, StopController>();
  const ends = createStepEnds(plan.nodes);
  const left = new Set(start.steps.filter((step) => !isFinalStep(step.status)).map((step) => step.id));
  const ending = new Set<string>();
  const running = new Set<Promise<void>>();
  const over = createDeferred();
  const stepsEnded = new AbortController();
  const abandoned = new AbortController();
  let isOpen = start.steps.some((step) => step.attempts.length > 0);
  let secrets: SecretValues = noSecrets;
  let interruption: Interruption | null = interruptionOf(start, plan);
  /** How steps hear of the interruption. */
  let cut: { why: 'cancelled' | 'timed_out'; sentence: string } | null = null;
  let isForced = false;
  const flow = createFlow(plan.nodes, plan.failFast);
  const keep = createKeepAlive(plan, () => clock.now());
  const recorder = createRecorder({ clock, logger, events: deps.store.events }, start, fence, {
    onFenced: detach,
    mask: (event) => maskEvent(event, secrets.masker),
  });

  const ahead = createStepsAhead(deps, () => ({
    ...about(),
    places: context.places,
    abandoned: abandoned.signal,
    hasStarted: (stepId) => stops.has(stepId),
    isEnding: (stepId) => ending.has(stepId),
  }));

  /** What the specs of its steps are made of. */
  function about() {
    return { plan, execution: start, services, secrets, backend, recorder };
  }

  function detach(): void {
    if (abandoned.signal.aborted) return;
    abandoned.abort();
    void recorder.close();
    for (const each of stops.values()) each.request('detached', 0, 'handed over');
    over.resolve();
  }

  /**
   * Cuts the run short: what runs is stopped and what has not started never does, but for the steps that always run. The
   * first interruption counts.
   */
  function interrupt(next: Interruption, why: 'cancelled' | 'timed_out', sentence: string): void {
    if (abandoned.signal.aborted || left.size === 0) return;
    interruption ??= next;
    cut ??= { why, sentence };
    void ahead.end();
    perform(flow.interrupt(cut.sentence, isForced));
  }

  type Unstarted = 'skipped' | 'cancelled' | 'errored';
  function finishUnstarted(stepId: string, status: Unstarted, reason: string): void {
    if (ending.has(stepId) || stops.has(stepId)) return;
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
        detach();
      })
      .finally(() => running.delete(tracked));
    running.add(tracked);
  }

  function perform(moves: Move[]): void {
    for (const move of moves) {
      const node = nodes.get(move.id);
      if (!node || abandoned.signal.aborted) return;
      if (move.type === 'start') startStep(node);
      else if (move.type === 'skip') finishUnstarted(move.id, 'skipped', move.reason);
      else if (move.type === 'drop') drop(move.id);
      // An owner that dies before the commit leaves no service stopped that the next one still needs.
      else if (move.type === 'stop' && !keep.holdsServices())
        recorder.afterCommit(() => stopService(move.id));
      else if (move.type === 'cancel') cancelStep(node, move.reason);
    }
  }

  function cancelStep(node: PlannedNode, reason: string): void {
    const graceMs = isForced ? 0 : node.graceMs;
    const request = () => stops.get(node.id)?.request(cut?.why ?? 'cancelled', graceMs, reason);
    if (cut) request();
    else recorder.afterCommit(request);
  }

  function drop(stepId: string): void {
    const sentence = cut?.sentence ?? 'the execution was cut short';
    const when = beforeWhat(recorder.step(stepId).attempts.length);
    finishUnstarted(stepId, 'cancelled', `${sentence}, ${when}`);
  }

  function stopService(stepId: string): void {
    const graceMs = nodes.get(stepId)?.graceMs ?? 0;
    stops.get(stepId)?.request('not_needed', graceMs, 'nothing needs it any more');
  }

  function decideToKeep(): void {
    if (!isOpen) return;
    const decision = keep.decide(recorder.execution(), left, interruption !== null);
    for (const stepId of decision?.detach ?? []) stops.get(stepId)?.request('detached', 0, 'kept');
    for (const stepId of decision?.stop ?? []) stopService(stepId);
  }

  function startStep(node: PlannedNode): void {
    if (!backend || stops.has(node.id)) return;
    const stop = createStopController();
    stops.set(node.id, stop);
    const report = (status: StepStatus) => {
      if (abandoned.signal.aborted) return;
      const moves = flow.report(node.id, status);
      perform(moves);
      // What starts now comes first: it looks again once it runs.
      if (!moves.some(({ type }) => type === 'start')) recorder.afterCommit(ahead.update);
    };
    const step = {
      ...about(),
      backend,
      ahead,
      fence,
      places: context.places,
      ends,
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
      if (left.size > 0) await runSteps();
      else decideToKeep();
      stepsEnded.abort();
      await ahead.end();
      if (!abandoned.signal.aborted) {
        await conclude(deps, context, { recorder, keep, interruption, abandoned: abandoned.signal });
        return true;
      }
    } catch (error) {
      if (!abandoned.signal.aborted) {
        logger.error(
          { execution: id, error: messageOf(error) },
          'an execution could not go on; it is claimed again later',
        );
        detach();
      }
    }
    stepsEnded.abort();
    await letGo();
    return false;
  }

  /** The steps that keep an earlier run's result end with it, without an attempt. */
  function takeOverResults(): void {
    for (const step of start.steps) {
      const events = left.has(step.id) ? reuseEvents(step) : null;
      if (!events) continue;
      ending.add(step.id);
      track(step.id, recorder.record(...events));
    }
  }

  async function runSteps(): Promise<void> {
    const hasBegun = start.steps.some((step) => step.attempts.length > 0);
    if (start.cancelRequestedAt) cancel(start.cancelRequestedBy ?? 'someone');
    else if (interruption?.why === 'timed_out') interrupt(interruption, 'timed_out', formatLimit(plan));
    if ((cut === null || hasBegun) && (await open())) {
      limitTime();
      // Steps that someone began before us and that have not ended: also those to be stopped.
      for (const step of start.steps) {
        const node = nodes.get(step.id);
        if (node && step.status !== 'pending' && left.has(step.id) && !ending.has(step.id)) startStep(node);
      }
    }
    // Where nothing has run there is nothing to clean up, also for the steps that always run.
    if (cut !== null && !hasBegun) for (const stepId of [...left]) drop(stepId);
    else if (isOpen)
      perform(
        flow.begin(new Map(start.steps.map((step) => [step.id, isReused(step) ? 'passed' : step.status]))),
      );
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
      interrupt({ why: 'timed_out', sentence: limitReason(timeoutMs) }, 'timed_out', formatLimit(plan));
    });
  }

  /** Until no step of ours is attended and nothing is being written, so that another owner can go on. */
  async function letGo(): Promise<void> {
    const tooLong = new AbortController();
    await Promise.race([
      Promise.allSettled([...running, recorder.close()]),
      clock.sleep(maxDetachMs, tooLong.signal),
    ]);
    tooLong.abort();
  }

  function cancel(by: string, hasToEndNow = false): void {
    isForced ||= hasToEndNow;
    interrupt({ why: 'cancelled', by }, 'cancelled', `the execution was cancelled by ${by}`);
  }

  return { cancel, detach, done: run() };
}
