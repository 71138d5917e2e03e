import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import type { ExportRule } from '../model/node';
import { normalizePath, selectArtifacts } from './artifact-selection';
import type { ArtifactStream } from './backend';

interface Entry extends AsyncIterable<unknown> {
  header: Header;
}

/**
 * Hands over the regular files of a tar archive that the rules ask for, one after another. Links and devices are never
 * followed; resolves with a sentence for each that a rule asked for. `folder` stands before the entries' names.
 */
export async function exportArchive(
  archive: AsyncIterable<Uint8Array> | NodeJS.ReadableStream,
  folder: string,
  rules: readonly ExportRule[],
  onArtifact: (artifact: ArtifactStream) => Promise<void>,
  signal: AbortSignal,
): Promise<string[]> {
  const ignored: string[] = [];
  const files = extract();
  const source = Readable.from(archive, { objectMode: false, signal });
  source.on('error', (error) => files.destroy(error));
  source.pipe(files);
  try {
    for await (const entry of files) {
      const path = relativePath(entry.header.name, folder);
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
        ignored.push(notExported(selected.path, entry.header.type ?? 'special file'));
      }
      await content.drain();
    }
    return ignored;
  } finally {
    source.destroy();
  }
}

export function notExported(path: string, type: string): string {
  return `${path} was not exported: it is a ${type}, and only files are.`;
}

function relativePath(name: string, folder: string): string | null {
  const inside = name.replace(/^\.\//, '');
  return inside.startsWith(folder) ? normalizePath(inside.slice(folder.length)) : null;
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
