import path from 'node:path';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { ContainerOptions } from '../../model/container-options';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { OpenPackage } from '../backend';
import { inspectFile } from './container-files';
import { type Daemon, slowMs } from './daemon';

type PlacedFile = ContainerOptions['files'][number];

/**
 * Copies the files that the step puts elsewhere into its container, which was created and not yet started. Rejects with
 * AppError `backend_failed` when the package has none of that name.
 */
export async function placeFiles(
  { daemon, openPackage }: { daemon: Daemon; openPackage: OpenPackage },
  container: string,
  { stepId, node }: StepSpec,
): Promise<void> {
  const { files } = node.container;
  if (files.length === 0) return;
  const isThere = await existingFolders(daemon, container, files);
  const archive = pack();
  const packed = repack(await openPackage(node.packageDigest), files, archive, isThere).then((found) => {
    const missing = files.find((file) => !found.has(file));
    if (!missing) return;
    throw new AppError(
      'backend_failed',
      `Step ${stepId}: the package has no file or folder ${missing.from} for ${missing.path}. Correct \`files\`.`,
    );
  });
  packed.then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  const copied = daemon.call(`copy files into step ${stepId}`, slowMs, (docker, abortSignal) =>
    docker
      .getContainer(container)
      .putArchive(Readable.from(archive, { objectMode: false }), { path: '/', abortSignal }),
  );
  copied.catch(() => archive.destroy());
  // Why the archive broke says more than that it did.
  await packed;
  await copied;
}

/** The folders above the files that the image has: written anew they would get another owner and mode. */
export async function existingFolders(
  daemon: Daemon,
  container: string,
  files: readonly { path: string }[],
): Promise<Set<string>> {
  const folders = new Set(files.flatMap((file) => [...foldersAbove(file.path), file.path]));
  const looked = await Promise.all(
    [...folders].map(async (folder) => ((await inspectFile(daemon, container, folder)) ? [folder] : [])),
  );
  return new Set(['/', ...looked.flat()]);
}

/** Writes the entries under their new names; resolves with those of `files` that there were. */
async function repack(
  content: AsyncIterable<Uint8Array>,
  files: readonly PlacedFile[],
  archive: ReturnType<typeof pack>,
  isThere: Set<string>,
): Promise<Set<PlacedFile>> {
  const found = new Set<PlacedFile>();
  const entries = extract();
  const source = Readable.from(content, { objectMode: false });
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  for await (const entry of entries) {
    const name = entry.header.name.replace(/^\.\//, '');
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
    if (entry.header.type !== 'file') continue;
    for (const file of files) {
      const target = targetOf(file, name);
      if (target === null) continue;
      found.add(file);
      for (const folder of foldersAbove(target)) {
        if (isThere.has(folder)) continue;
        isThere.add(folder);
        archive.entry({ name: `${folder.slice(1)}/`, type: 'directory', mode: 0o755 });
      }
      const mode = file.mode ?? ((entry.header.mode ?? 0) & 0o100 ? 0o755 : 0o644);
      archive.entry({ name: target.slice(1), mode }, Buffer.concat(chunks));
    }
  }
  return found;
}

function targetOf({ path: place, from }: PlacedFile, name: string): string | null {
  if (name === from) return place;
  if (from === '.') return `${place}/${name}`;
  return name.startsWith(`${from}/`) ? place + name.slice(from.length) : null;
}

/** From the outermost one inwards, without the root. */
export function foldersAbove(file: string): string[] {
  const parent = path.posix.dirname(file);
  return parent === '/' ? [] : [...foldersAbove(parent), parent];
}
