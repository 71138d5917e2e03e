import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { AppError } from '../../model/errors';
import type { StepInput } from '../../model/step-input';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { verifiedInput } from '../verified-input';
import { type Daemon, transferMs } from './daemon';
import { existingFolders, foldersAbove } from './placed-files';

/**
 * Streams the artifacts of earlier steps into the step's container, which was created and not yet started. Rejects with
 * AppError `backend_failed` when one is not what it was when it was stored.
 */
export async function placeInputs(
  daemon: Daemon,
  container: string,
  { stepId, inputs = [] }: StepSpec,
  { openInput }: Pick<StepWatch, 'openInput'>,
): Promise<void> {
  if (inputs.length === 0) return;
  if (!openInput) throw new AppError('backend_failed', `Step ${stepId}: nobody can open its inputs.`);
  const isThere = await existingFolders(
    daemon,
    container,
    inputs.map(({ target }) => ({ path: target })),
  );
  const archive = pack();
  const packed = packAll(archive, inputs, isThere, openInput).then(
    () => archive.finalize(),
    (error: Error) => {
      archive.destroy(error);
      throw error;
    },
  );
  const copied = daemon.call(`copy inputs into step ${stepId}`, transferMs, (docker, abortSignal) =>
    docker
      .getContainer(container)
      .putArchive(Readable.from(archive, { objectMode: false }), { path: '/', abortSignal }),
  );
  copied.catch((error: Error) => archive.destroy(error));
  // Why the archive broke says more than that it did.
  await packed;
  await copied;
}

async function packAll(
  archive: ReturnType<typeof pack>,
  inputs: readonly StepInput[],
  isThere: Set<string>,
  openInput: NonNullable<StepWatch['openInput']>,
): Promise<void> {
  for (const input of inputs) {
    for (const folder of foldersAbove(input.target)) {
      if (isThere.has(folder)) continue;
      isThere.add(folder);
      archive.entry({ name: `${folder.slice(1)}/`, type: 'directory', mode: 0o755 });
    }
    // Artifacts have no mode: what was built may be a program.
    const entry = archive.entry({ name: input.target.slice(1), mode: 0o755, size: input.bytes });
    await pipeline(Readable.from(verifiedInput(await openInput(input), input)), entry);
  }
}
