import { Readable } from 'node:stream';
import { extract, type Header, pack } from 'tar-stream';
import type { ExportRule } from '../../model/node';
import { normalizePath, selectArtifacts } from '../artifact-selection';
import type { ArtifactStream } from '../backend';
import { artifactsFolder } from './container-config';
import { type Daemon, quickMs, refusalStatus } from './daemon';

interface Entry extends AsyncIterable<unknown> {
  header: Header;
}

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
  if (!archive) return [];
  const ignored: string[] = [];
  const files = extract();
  const source = Readable.from(archive, { objectMode: false, signal });
  source.on('error', (error) => files.destroy(error));
  source.pipe(files);
  try {
    for await (const entry of files) {
      const path = relativePath(entry.header.name);
      const [selected] = path === null ? [] : selectArtifacts([path], rules);
      const content = chunksOf(entry);
      if (selected && entry.header.type === 'file') {
        await onArtifact({
          path: selected.path,
          format: selected.format,
          bytes: entry.header.size ?? 0,
          content: content.all(),
        });
      } else if (selected && entry.header.type !== 'directory') {
        ignored.push(`${path} was not exported: it is a ${entry.header.type}, and only files are.`);
      }
      await content.drain();
    }
    return ignored;
  } finally {
    source.destroy();
  }
}

/** Docker names entries `artifacts/…`. */
function relativePath(name: string): string | null {
  const inside = /^(?:\.\/)?artifacts\/(.+)$/s.exec(name);
  return inside?.[1] === undefined ? null : normalizePath(inside[1]);
}

/** A reader that stops early must not end the whole archive, as leaving a loop over the entry would. */
function chunksOf(entry: Entry) {
  const iterator = entry[Symbol.asyncIterator]();
  return {
    async *all(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const next = await iterator.next();
        if (next.done) return;
        if (next.value instanceof Uint8Array) yield next.value;
      }
    },
    async drain(): Promise<void> {
      while (!(await iterator.next()).done);
    },
  };
}
