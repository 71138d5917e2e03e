import { ranImages } from '../model/cases/case-images';
import { messageOf } from '../model/errors';
import type { Execution } from '../model/execution';
import { isTestSummary } from '../model/report-kind';
import { concludeExecution, type Interruption } from './conclude-execution';
import { closeEnvironment, type EnvironmentTarget } from './environment';
import type { KeepAlive } from './keep-alive';
import type { Recorder } from './recorder';
import { retryStore } from './retry-store';
import type { AttemptDependencies } from './run-step-attempt';
import { throwIfFenced } from './store-artifacts';

/** Removes the environment of an execution whose steps have all ended, or keeps it, and records the execution's end. */
export async function conclude(
  deps: AttemptDependencies,
  target: EnvironmentTarget,
  {
    recorder,
    keep,
    interruption,
    abandoned,
  }: { recorder: Recorder; keep: KeepAlive; interruption: Interruption | null; abandoned: AbortSignal },
): Promise<void> {
  await storeImages(deps, recorder.execution(), abandoned);
  const until = keep.keptUntil();
  if (until === null) {
    const closing = await closeEnvironment(deps, target, abandoned);
    const end = concludeExecution(recorder.execution(), interruption);
    await recorder.record(closing, { type: 'execution.finished', ...end });
    return;
  }
  const { id } = target.execution;
  await recorder.record(...keep.endsOfServices(recorder.execution()));
  // Its row comes first: an ended execution's environment is a zombie unless something says that it is kept.
  await retryStore(deps, { execution: id }, abandoned, () => deps.store.environments.keep(id, until));
  const end = concludeExecution(recorder.execution(), interruption);
  await recorder.record({ type: 'environment.kept', until }, { type: 'execution.finished', ...end });
}

/** Which images ran is known in the end, when the services have ended as well. */
async function storeImages(
  deps: AttemptDependencies,
  execution: Execution,
  abandoned: AbortSignal,
): Promise<void> {
  const images = ranImages(execution);
  const hasCases = execution.steps.some(({ reports }) => reports.some(isTestSummary));
  if (!hasCases || Object.keys(images).length === 0) return;
  const what = { execution: execution.id };
  try {
    await retryStore(deps, what, abandoned, () => deps.store.cases.setImages(execution.id, images));
  } catch (error) {
    throwIfFenced(error);
    // The end of the run does not depend on its history.
    deps.logger.warn({ ...what, error: messageOf(error) }, 'the images of a run are not in its history');
  }
}
