import { AppError } from '../model/errors';
import type { StepInput } from '../model/step-input';
import type { ArtifactStore } from '../store/artifact-store';

/** Opens an artifact that a step gets. Rejects with `backend_failed` when it is not kept any more. */
export async function openInput(
  artifacts: Pick<ArtifactStore, 'open'>,
  { executionId, artifactId, target }: StepInput,
): Promise<AsyncIterable<Uint8Array>> {
  const opened = await artifacts.open(executionId, artifactId);
  if (opened) return opened.content;
  throw new AppError(
    'backend_failed',
    `The input ${target} is not there any more: the artifacts of execution ${executionId} were removed.`,
  );
}
