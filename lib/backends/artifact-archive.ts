import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { maxNotExported, type NotExported } from '../model/artifact';
import type { ExportRule } from '../model/node';
import { createSelection, normalizePath, stopsAtLink } from './artifact-selection';
import type { ArtifactStream } from './backend';

interface Entry extends AsyncIterable<unknown> {
  header: Header;
}

/** What an archive held beside the files that were handed over. */
export interface ArchiveFindings {
  /** False: it held nothing at all, not even its own folder. */
  isWhole: boolean;
  notExported: NotExported[];
}

/**
 * Hands over the regular files of a tar archive that the rules ask for, one after another. Links and devices are never
 * followed: those that stand in the way of a rule are told. `folder` stands before the entries' names.
 */
export async function exportArchive(
  archive: AsyncIterable<Uint8Array> | NodeJS.ReadableStream,
  folder: string,
  rules: readonly ExportRule[],
  onArtifact: (artifact: ArtifactStream) => Promise<void>,
  signal: AbortSignal,
): Promise<ArchiveFindings> {
  const select = createSelection(rules);
  const findings: ArchiveFindings = { isWhole: false, notExported: [] };
  const files = extract();
  const source = Readable.from(archive, { objectMode: false, signal });
  source.on('error', (error) => files.destroy(error));
  source.pipe(files);
  try {
    for await (const entry of files) {
      findings.isWhole = true;
      const path = relativePath(entry.header.name, folder);
      const selected = path === null ? null : select(path);
      const content = chunksOf(entry);
      if (selected && entry.header.type === 'file') {
        await onArtifact({
          path: selected.path,
          format: selected.format,
          bytes: entry.header.size ?? 0,
          content: content.all(),
        });
      } else if (path !== null) {
        noteNotExported(findings.notExported, rules, path, entry.header);
      }
      await content.drain();
    }
    return findings;
  } finally {
    source.destroy();
  }
}

/** Adds what is no file and no folder, where a rule stops at it. */
export function noteNotExported(
  found: NotExported[],
  rules: readonly ExportRule[],
  path: string,
  { type, linkname }: { type?: string | null; linkname?: string | null },
): void {
  if (type === 'file' || type === 'directory' || found.length >= maxNotExported) return;
  if (!rules.some((rule) => stopsAtLink(rule.path, path))) return;
  const what = type === 'symlink' ? 'link' : type === 'link' ? 'hard link' : 'special file';
  found.push({ path, type: what, target: linkname?.slice(0, 4_096) || null });
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
