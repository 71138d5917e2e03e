import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import { type Pack, pack } from 'tar-stream';
import { AppError, messageOf } from '../model/errors';
import { collectToolboxFiles, type ToolboxEntry } from './toolbox-files';

export const toolboxImage = 'gantry/toolbox:local';
const labelName = 'gantry.toolbox';
/** A daemon that says nothing for so long is taken for dead. */
const silenceLimitMs = 60_000;
/** Part of the label: change it when the image must be made anew although its files are the same. */
const recipe = '1';

/**
 * Makes `gantry/toolbox:local` from this machine's own Node and tools, streamed to the daemon; no registry and
 * no temporary file. An image that was made of the same files stays. Rejects with AppError `backend_unavailable`
 * when Docker cannot be asked and `backend_failed` when the image cannot be made here.
 */
export async function buildToolbox({
  docker = new Docker({ timeout: silenceLimitMs }),
  log,
}: {
  docker?: Docker;
  log: (line: string) => void;
}): Promise<{ image: string; created: boolean }> {
  if (process.platform !== 'linux') {
    throw new AppError(
      'backend_failed',
      `The toolbox image is made from this machine's Node, which on ${process.platform} is not a Linux program. ` +
        `Use a ready image instead: docker pull node:22 && docker tag node:22 ${toolboxImage}`,
    );
  }
  await checkDaemon(docker);
  const entries = await collectToolboxFiles(process.execPath);
  const fingerprint = await fingerprintOf(entries);
  const before = await inspectToolbox(docker);
  if (before?.fingerprint === fingerprint) return { image: toolboxImage, created: false };
  log(`Making ${toolboxImage} of Node ${process.version} and ${entries.length} files and links`);
  await importImage(docker, entries, fingerprint);
  if (before) await removeOld(docker, before.id, log);
  return { image: toolboxImage, created: true };
}

async function checkDaemon(docker: Docker): Promise<void> {
  const version = await docker.version().catch((error: unknown) => {
    throw new AppError('backend_unavailable', `Docker does not answer: ${messageOf(error)}`, {
      cause: error,
    });
  });
  const here = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch;
  if (version.Os !== 'linux' || version.Arch !== here) {
    throw new AppError(
      'backend_failed',
      `The Docker daemon runs ${version.Os}/${version.Arch}, this machine's Node is linux/${here}: the toolbox ` +
        `image cannot be made of it. Use a ready image: docker pull node:22 && docker tag node:22 ${toolboxImage}`,
    );
  }
}

async function inspectToolbox(
  docker: Docker,
): Promise<{ id: string; fingerprint: string | undefined } | null> {
  const images = await docker.listImages({ filters: { reference: [toolboxImage] } });
  const image = images[0];
  return image ? { id: image.Id, fingerprint: image.Labels?.[labelName] } : null;
}

/** Sizes and times stand for contents: hashing 100 MB at every start would cost more than it is worth. */
async function fingerprintOf(entries: readonly ToolboxEntry[]): Promise<string> {
  const hash = createHash('sha256').update(`${recipe} ${process.version}\n`);
  for (const entry of entries) {
    const file = entry.type === 'copy' ? await stat(entry.from) : null;
    hash.update(`${JSON.stringify(entry)} ${file?.size ?? 0} ${file?.mtimeMs ?? 0}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

async function importImage(
  docker: Docker,
  entries: readonly ToolboxEntry[],
  fingerprint: string,
): Promise<void> {
  const archive = pack();
  const filled = fill(archive, entries).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  });
  const [repo, tag] = toolboxImage.split(':');
  const changes = [
    `LABEL ${labelName}=${fingerprint}`,
    'ENV PATH=/usr/local/bin:/bin:/usr/bin',
    'CMD ["/bin/sh"]',
  ];
  const imported = docker
    .importImage(Readable.from(archive, { objectMode: false }), { repo, tag, changes })
    .then((progress) => readToEnd(progress));
  const [fillResult, importResult] = await Promise.allSettled([filled, imported]);
  if (fillResult.status === 'rejected') throw failed(fillResult.reason);
  if (importResult.status === 'rejected') throw failed(importResult.reason);
}

async function fill(archive: Pack, entries: readonly ToolboxEntry[]): Promise<void> {
  const mtime = new Date(0);
  for (const entry of entries) {
    if (entry.type === 'folder') {
      const { path: name, mode, owner } = entry;
      archive.entry({ name: `${name}/`, type: 'directory', mode, uid: owner, gid: owner, mtime });
    } else if (entry.type === 'link') {
      archive.entry({ name: entry.path, type: 'symlink', linkname: entry.target, mode: 0o777, mtime });
    } else if (entry.type === 'text') {
      archive.entry({ name: entry.path, mode: 0o644, mtime }, entry.text);
    } else {
      const { size } = await stat(entry.from);
      const header = { name: entry.path, size, mode: entry.mode, mtime };
      await pipeline(createReadStream(entry.from, { highWaterMark: 1 << 20 }), archive.entry(header));
    }
  }
  archive.finalize();
}

/** The daemon answers 200 and reports a failure as the last line of its progress. */
async function readToEnd(progress: NodeJS.ReadableStream): Promise<void> {
  let text = '';
  for await (const chunk of progress) text += chunk.toString();
  const failure = /"error":"((?:[^"\\]|\\.)*)"/.exec(text);
  if (failure) throw new Error(failure[1]);
}

function failed(error: unknown): AppError {
  return new AppError('backend_failed', `The toolbox image could not be made: ${messageOf(error)}`, {
    cause: error,
  });
}

/** Without its tag the old image would stay for ever; it is kept while a container uses it. */
async function removeOld(docker: Docker, id: string, log: (line: string) => void): Promise<void> {
  await docker
    .getImage(id)
    .remove()
    .catch((error: unknown) => log(`The former image ${id.slice(7, 19)} stays: ${messageOf(error).trim()}`));
}
