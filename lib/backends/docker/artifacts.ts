import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { ExportRule } from '../../model/node';
import { exportArchive } from '../artifact-archive';
import type { ArtifactStream } from '../backend';
import { artifactsFolder } from '../container-facts';
import { type Daemon, quickMs, refusalStatus } from './daemon';

/** Makes the folder in a container that was created and not yet started. */
export async function makeArtifactsFolder(daemon: Daemon, container: string): Promise<void> {
  const archive = pack();
  let folder = '';
  for (const part of artifactsFolder.slice(1).split('/')) {
    folder += `${part}/`;
    archive.entry({ name: folder, type: 'directory', mode: folder.includes('/artifacts') ? 0o1777 : 0o755 });
  }
  archive.finalize();
  await daemon.call('make the folder for artifacts', quickMs, (docker, abortSignal) =>
    docker
      .getContainer(container)
      .putArchive(Readable.from(archive, { objectMode: false }), { path: '/', abortSignal }),
  );
}

/**
 * The regular files that the rules ask for, one after another. Links and devices are never followed; resolves with
 * a sentence for each that a rule asked for.
 */
export async function collectArtifacts(
  daemon: Daemon,
  container: string,
  rules: readonly ExportRule[],
  onArtifact: (artifact: ArtifactStream) => Promise<void>,
  signal: AbortSignal,
): Promise<string[]> {
  const archive = await daemon
    .call('read the artifacts', quickMs, (docker) =>
      docker.getContainer(container).getArchive({ path: artifactsFolder }),
    )
    .catch((error: unknown) => {
      // The step removed the folder: then it has left no files.
      if (refusalStatus(error) === 404) return null;
      throw error;
    });
  // Docker names entries `artifacts/…`.
  return archive ? exportArchive(archive, 'artifacts/', rules, onArtifact, signal) : [];
}
