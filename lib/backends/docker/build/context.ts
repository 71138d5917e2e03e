import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import ignore from '@balena/dockerignore';
import { extract, pack } from 'tar-stream';
import { AppError } from '../../../model/errors';
import type { ImageBuild } from '../../../model/image-build';

/** What goes into a build, and what it is known by. */
export interface BuildInputs {
  /** 32 hexadecimal digits of all that decides what is built: the same inputs, the same digits. */
  fingerprint: string;
  /** The text of the Dockerfile. */
  dockerfile: string;
  /** Its name in the context that is sent. */
  dockerfileName: string;
  /** Paths in the package of the files that are sent. */
  files: ReadonlySet<string>;
}

/** In the context where the Dockerfile itself is not one of its files. */
const foreignName = '.gantry.Dockerfile';
const maxTextBytes = 1024 * 1024;

/**
 * Reads a package once and tells what of it a build takes: the files of its context but those that `.dockerignore`
 * leaves out. Rejects with AppError `backend_failed` when the Dockerfile is not there.
 */
export async function readBuildInputs(
  content: AsyncIterable<Uint8Array>,
  { build, platform }: { build: ImageBuild; platform: string | null },
): Promise<BuildInputs> {
  const ignoreFiles = [inContext(build, '.dockerignore'), `${build.dockerfile}.dockerignore`];
  const texts = new Map<string, string>();
  const found: { path: string; name: string; line: string }[] = [];
  for await (const { path, mode, body } of filesOf(content)) {
    const name = nameInContext(build, path);
    const isText = path === build.dockerfile || ignoreFiles.includes(path);
    if (name === null && !isText) continue;
    const hash = createHash('sha256');
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      bytes += chunk.length;
      if (isText && bytes > maxTextBytes)
        throw new AppError(
          'backend_failed',
          `${path} is larger than ${maxTextBytes} bytes, the most that a build reads.`,
        );
      if (isText) chunks.push(chunk);
    }
    if (isText) texts.set(path, Buffer.concat(chunks).toString('utf8'));
    if (name !== null)
      found.push({ path, name, line: `${name}\0${mode.toString(8)}\0${hash.digest('hex')}` });
  }
  const dockerfile = build.dockerfile === null ? build.inline : texts.get(build.dockerfile);
  if (dockerfile === undefined || dockerfile === null) {
    throw new AppError(
      'backend_failed',
      `The package has no Dockerfile ${build.dockerfile}. Correct \`build\`.`,
    );
  }
  // A file of that Dockerfile's own counts before the one of the folder.
  const rules = texts.get(ignoreFiles[1] ?? '') ?? texts.get(ignoreFiles[0] ?? '') ?? '';
  const matcher = ignore({ ignorecase: false }).add(rules);
  const own = build.dockerfile === null ? null : nameInContext(build, build.dockerfile);
  const sent = found.filter(({ name }) => name === own || !matcher.ignores(name));
  const hash = createHash('sha256');
  hash.update(JSON.stringify(['1', dockerfile, build.target, Object.entries(build.args).sort(), platform]));
  for (const { line } of sent.sort((a, b) => (a.line < b.line ? -1 : 1))) hash.update(`\n${line}`);
  return {
    fingerprint: hash.digest('hex').slice(0, 32),
    dockerfile,
    dockerfileName: own ?? foreignName,
    files: new Set(sent.map(({ path }) => path)),
  };
}

/** The context as a tar that is read from the package while it is sent. What breaks the one breaks the other. */
export function streamContext(
  content: AsyncIterable<Uint8Array>,
  build: ImageBuild,
  { dockerfile, dockerfileName, files }: BuildInputs,
): Readable {
  const archive = pack();
  async function write(): Promise<void> {
    if (dockerfileName === foreignName) archive.entry({ name: foreignName, mode: 0o644 }, dockerfile);
    for await (const { path, mode, size, body } of filesOf(content)) {
      const name = nameInContext(build, path);
      if (name === null || !files.has(path)) continue;
      const entry = archive.entry({ name, mode, size, mtime: new Date(0), uid: 0, gid: 0 });
      entry.on('error', () => undefined);
      for await (const chunk of body) {
        if (archive.destroyed) return;
        if (!entry.write(chunk))
          await Promise.race([
            new Promise<void>((resolve) => entry.once('drain', resolve)),
            new Promise<void>((resolve) => archive.once('close', resolve)),
          ]);
      }
      entry.end(undefined);
    }
    archive.finalize();
  }
  write().catch((error: Error) => archive.destroy(error));
  return Readable.from(archive, { objectMode: false });
}

interface PackagedFile {
  path: string;
  mode: number;
  size: number;
  body: AsyncIterable<Uint8Array>;
}

/** A body that nobody reads is skipped. */
async function* filesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<PackagedFile> {
  const entries = extract();
  const source = Readable.from(content, { objectMode: false });
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  try {
    for await (const entry of entries) {
      const { name, mode = 0o644, size = 0, type } = entry.header;
      if (type === 'file') yield { path: name.replace(/^\.\//, ''), mode, size, body: chunksOf(entry) };
      entry.resume();
    }
  } finally {
    // Whoever stops early leaves no package open.
    source.destroy();
  }
}

async function* chunksOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
}

function inContext({ context }: ImageBuild, name: string): string {
  return context === '.' ? name : `${context}/${name}`;
}

/** Null for what lies outside. */
function nameInContext({ context }: ImageBuild, path: string): string | null {
  if (context === '.') return path;
  return path.startsWith(`${context}/`) ? path.slice(context.length + 1) : null;
}
