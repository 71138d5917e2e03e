import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { execInPod } from './exec';
import { containerOf, mainContainer, type Pod } from './objects';
import type { PodState } from './pod-state';
import type { RunContext } from './run-context';
import { archiveOf, inputsContainer, placeCommand } from './step-inputs';

/** For all files together. A step that is stopped does not wait for it. */
const transferMs = 6 * 60 * 60_000;
const retryLimitMs = 60_000;
const pauseMs = 1_000;

export interface InputPlacement {
  /** Files are on their way: nobody may call the pod late. */
  isUnderWay(): boolean;
  /** Rejects with AppError `backend_failed` when they cannot be brought. */
  done: Promise<void>;
}

/**
 * Streams the artifacts of earlier steps into the pod as soon as the container that waits for them runs, without ever
 * holding a file. A pod that another control plane made gets them again, unless it has them whole.
 */
export function placeInputs(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  state: PodState,
  signal: AbortSignal,
): InputPlacement {
  const { openInput } = watch;
  let isUnderWay = false;

  async function place(): Promise<void> {
    if (!step.inputs?.length) return;
    if ((await state.until(stageOf)) === 'over') return;
    if (!openInput) throw new AppError('backend_failed', `Step ${step.stepId}: nobody can open its inputs.`);
    isUnderWay = true;
    watch.onPhase({ name: 'preparing', detail: 'inputs' });
    const command = placeCommand(step);
    const deadlineMs = context.clock.monotonicMs() + retryLimitMs;
    for (;;) {
      const failure = await send(command, openInput);
      if (failure === null || signal.aborted || stageOf(state.pod()) === 'over') return;
      if (failure.isFinal || context.clock.monotonicMs() > deadlineMs) throw failure.error;
      await context.clock.sleep(pauseMs, signal);
    }
  }

  async function send(
    command: string[],
    openInput: NonNullable<StepWatch['openInput']>,
  ): Promise<{ error: unknown; isFinal: boolean } | null> {
    const { namespace, name: pod } = state.pod().metadata;
    const target = { namespace, pod, container: inputsContainer };
    const input = watched(archiveOf(step, openInput));
    try {
      const options = { signal, input: input.chunks() };
      const { exitCode, complaint } = await execInPod(
        context,
        target,
        command,
        transferMs,
        undefined,
        options,
      );
      if (exitCode === 0) return null;
      const why = complaint || `exit code ${exitCode}`;
      const message = `The inputs of step ${step.stepId} cannot be written in its pod: ${why}`;
      return { error: new AppError('backend_failed', message), isFinal: true };
    } catch (error) {
      return { error, isFinal: input.hasFailed() };
    }
  }

  const done = place().finally(() => {
    isUnderWay = false;
  });
  done.catch(() => {});
  return { done, isUnderWay: () => isUnderWay };
}

/** `waiting`: the container runs and the files are not there yet. Null: it is not up. */
function stageOf(pod: Pod): 'waiting' | 'over' | null {
  const state = containerOf(pod, inputsContainer)?.state;
  const main = containerOf(pod, mainContainer)?.state;
  if (state?.terminated || main?.running || main?.terminated) return 'over';
  return state?.running ? 'waiting' : null;
}

/** What the store cannot give is not asked for again: it has been retried there. */
function watched(content: AsyncIterable<Uint8Array>) {
  let hasFailed = false;
  return {
    hasFailed: () => hasFailed,
    async *chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield* content;
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    },
  };
}
