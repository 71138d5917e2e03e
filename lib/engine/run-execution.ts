import { waitAtMost } from '../clock';
import { messageOf } from '../model/errors';
import type { Execution } from '../model/execution';
import { isFinalExecution } from '../model/status';
import { conclude } from './conclude';
import { formatLimit, type Interruption, interruptionOf, limitReason } from './conclude-execution';
import type { ExecutionRun, RunContext } from './execution-run';
import { type Cut, createExecutionSteps, type ExecutionSteps } from './execution-steps';
import { createKeepAlive } from './keep-alive';
import { maskEvent } from './mask-event';
import { createRecorder } from './recorder';
import { reuseEvents } from './result-reuse';
import { createRunEnvironment } from './run-environment';
import type { AttemptDependencies } from './run-step-attempt';
import { createUnfinishedSteps, type UnfinishedSteps } from './unfinished-steps';

/** Backends let go of a step that is handed over at once; one that does not is not waited for longer. */
const maxDetachMs = 5_000;

/** Runs an execution from where it stands to its end, and removes its environment unless it is to be kept. */
export function runExecution(deps: AttemptDependencies, context: RunContext): ExecutionRun {
  const { clock, logger } = deps;
  const { claimed, plan, execution: start } = context;
  const stepsEnded = new AbortController();
  const abandonment = new AbortController();
  const abandoned = abandonment.signal;
  let interruption: Interruption | null = interruptionOf(start, plan);
  const environment = createRunEnvironment(deps, context, abandoned);
  const keep = createKeepAlive(plan, () => clock.now());
  const recorder = createRecorder({ clock, logger, events: deps.store.events }, start, claimed.fence, {
    onFenced: detach,
    mask: (event) => maskEvent(event, environment.secrets().masker),
  });
  const unfinished = createUnfinishedSteps(start, recorder, abandoned, {
    onEnded: decideToKeep,
    onFailure: (step, error) => leave({ step, error }, 'a step could not be brought to its end'),
  });
  const parts = { context, recorder, environment, keep, unfinished, abandoned };
  const steps: ExecutionSteps = createExecutionSteps(deps, parts);

  function detach(): void {
    if (abandoned.aborted) return;
    abandonment.abort();
    void recorder.close();
    steps.detach();
    unfinished.release();
  }

  /** Leaves the execution as it stands, for whoever claims it next: what happened cannot be written. */
  function leave({ error, ...facts }: { error: unknown; step?: string }, message: string): void {
    if (abandoned.aborted) return;
    logger.error({ execution: start.id, ...facts, error: messageOf(error) }, message);
    detach();
  }

  function decideToKeep(): void {
    if (environment.isOpen()) steps.decideToKeep(interruption !== null);
  }

  /** Cuts the run short. The first interruption counts. */
  function interrupt(next: Interruption, cut: Cut, isForced = false) {
    if (abandoned.aborted || unfinished.ids.size === 0) return;
    interruption ??= next;
    steps.interrupt(cut, isForced);
  }

  function cancel(by: string, isForced?: boolean): void {
    const sentence = `the execution was cancelled by ${by}`;
    interrupt({ why: 'cancelled', by }, { why: 'cancelled', sentence }, isForced);
  }

  function timeOut(next: Interruption): void {
    interrupt(next, { why: 'timed_out', sentence: formatLimit(plan) });
  }

  async function run(): Promise<boolean> {
    if (isFinalExecution(start.status)) return true;
    try {
      const type = claimed.adopted ? 'execution.adopted' : 'execution.started';
      await recorder.record({ type, owner: context.owner });
      keepEarlierResults(start, unfinished);
      if (unfinished.ids.size > 0) await runSteps();
      else decideToKeep();
      stepsEnded.abort();
      await steps.endAhead();
      if (!abandoned.aborted) {
        await conclude(deps, context, { recorder, keep, interruption, abandoned });
        return true;
      }
    } catch (error) {
      leave({ error }, 'an execution could not go on; it is claimed again later');
    }
    stepsEnded.abort();
    // Until no step of ours is attended and nothing is being written, so that another owner can go on.
    await waitAtMost(clock, maxDetachMs, Promise.allSettled([unfinished.settle(), recorder.close()]));
    return false;
  }

  async function runSteps(): Promise<void> {
    const hasBegun = start.steps.some((step) => step.attempts.length > 0);
    if (start.cancelRequestedAt) cancel(start.cancelRequestedBy ?? 'someone');
    else if (interruption?.why === 'timed_out') timeOut(interruption);
    if (!steps.isCut() || hasBegun) await open();
    // Where nothing has run there is nothing to clean up, also for the steps that always run.
    if (steps.isCut() && !hasBegun) steps.dropAll();
    else if (environment.isOpen()) steps.begin();
    if (unfinished.ids.size > 0) await unfinished.over;
  }

  async function open(): Promise<void> {
    const problem = await environment.open();
    if (problem) return steps.giveUp(problem);
    await recorder.record({ type: 'environment.opened' });
    void untilLimit(deps, context, stepsEnded.signal).then((limit) => limit && timeOut(limit));
    steps.resume();
  }

  return { cancel, detach, done: run() };
}

/** Waits for the time limit of the execution. Null when it has none, and when its steps end before. */
async function untilLimit(
  { clock }: AttemptDependencies,
  { plan: { timeoutMs }, execution: { startedAt } }: RunContext,
  stepsEnded: AbortSignal,
): Promise<Interruption | null> {
  if (timeoutMs === null) return null;
  const usedMs = startedAt ? clock.now().getTime() - Date.parse(startedAt) : 0;
  await clock.sleep(Math.max(0, timeoutMs - usedMs), stepsEnded);
  return stepsEnded.aborted ? null : { why: 'timed_out', sentence: limitReason(timeoutMs) };
}

/** Ends the steps that keep an earlier run's result, without an attempt. */
function keepEarlierResults({ steps }: Execution, unfinished: UnfinishedSteps): void {
  for (const step of steps) {
    const events = unfinished.ids.has(step.id) ? reuseEvents(step) : null;
    if (events) unfinished.end(step.id, ...events);
  }
}
