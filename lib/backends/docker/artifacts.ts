import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { Clock } from '../../clock';
import type { NotExported } from '../../model/artifact';
import { AppError } from '../../model/errors';
import type { ExportRule } from '../../model/node';
import { exportArchive } from '../artifact-archive';
import type { ArtifactStream } from '../backend';
import { artifactsFolder } from '../container-facts';
import { type Daemon, quickMs, refusalStatus } from './daemon';

/**
 * Makes the folder in a container that was created and not yet started, and looks whether it is there. In a read-only
 * container a volume is where the folder goes.
 */
export async function makeArtifactsFolder(
  daemon: Daemon,
  container: string,
  isReadOnly: boolean,
): Promise<void> {
  const archive = pack();
  const parts = artifactsFolder.slice(1).split('/');
  const outside = isReadOnly ? parts.splice(0, parts.length - 1) : [];
  let folder = '';
  for (const part of parts) {
    folder += `${part}/`;
    archive.entry({ name: folder, type: 'directory', mode: part === 'artifacts' ? 0o1777 : 0o755 });
  }
  archive.finalize();
  await daemon.call('make the folder for artifacts', quickMs, (docker, abortSignal) =>
    docker.getContainer(container).putArchive(Readable.from(archive, { objectMode: false }), {
      path: `/${outside.join('/')}`,
      abortSignal,
    }),
  );
  await daemon.call('look for the folder for artifacts', quickMs, (docker, abortSignal) =>
    docker.getContainer(container).infoArchive({ path: artifactsFolder, abortSignal }),
  );
}

/** How often an archive with nothing in it is asked for again, and after which pause. */
const tries = 10;
const pauseMs = 200;

/**
 * The regular files that the rules ask for, one after another. Links and devices are never followed; resolves with
 * those that stand in the way of a rule. Podman at times answers with an empty archive right after the end.
 */
export async function collectArtifacts(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  rules: readonly ExportRule[],
  onArtifact: (artifact: ArtifactStream) => Promise<void>,
  signal: AbortSignal,
): Promise<NotExported[]> {
  for (let left = tries; left > 0; left -= 1) {
    const archive = await daemon
      .call('read the artifacts', quickMs, (docker) =>
        docker.getContainer(container).getArchive({ path: artifactsFolder }),
      )
      .catch((error: unknown) => {
        // The step removed the folder: then it has left no files.
        if (refusalStatus(error) === 404) return null;
        throw error;
      });
    if (!archive) return [];
    // Engines name entries `artifacts/…`.
    const { isWhole, notExported } = await exportArchive(archive, 'artifacts/', rules, onArtifact, signal);
    if (isWhole) return notExported;
    await clock.sleep(pauseMs, signal);
  }
  throw new AppError(
    'backend_failed',
    `The artifacts cannot be read: the engine sent an archive with nothing in it ${tries} times.`,
  );
}
