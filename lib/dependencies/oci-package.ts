import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { z } from 'zod';
import type { DependencyRef } from '../model/dependency';
import { AppError, messageOf } from '../model/errors';
import { maxPackageBytes, maxPackageFiles } from '../suites/package/files';
import { streamPackage } from '../suites/package/stream';
import type { Suite } from '../suites/suite';
import { openRegistry, type Registry, type RegistryOptions } from './oci-registry';
import { type PackageFile, writeFiles } from './write-files';

type OciRef = Extract<DependencyRef, { type: 'oci' }>;

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const artifactType = 'application/vnd.gantry.suite.v1';
const layerType = 'application/vnd.gantry.suite.v1.tar';
const emptyConfig = Buffer.from('{}');
/** A tar has a block for each file beside its content. */
const maxTarBytes = maxPackageBytes + maxPackageFiles * 2048 + 10_240;

const manifest = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string(), size: z.int() })),
});

/** Writes the files of an artifact into `target`. What the registry gives is checked against the digests. */
export async function pullPackage(options: RegistryOptions, ref: OciRef, target: string): Promise<void> {
  const registry = openRegistry(options, ref.host, ref.repository);
  const answer = await registry.ask(`manifests/${ref.digest}`, { headers: { accept: manifestType } });
  if (answer.status !== 200) {
    throw new AppError(
      'dependency_invalid',
      `the registry ${ref.host} has no ${ref.repository}@${ref.digest} (${answer.status})`,
    );
  }
  checkDigest(answer.body, ref.digest);
  const layers = readManifest(answer.body).layers.filter(({ mediaType }) => mediaType.startsWith(layerType));
  const [layer] = layers;
  if (!layer || layers.length > 1) {
    throw new AppError(
      'dependency_invalid',
      `${ref.repository}@${ref.digest} is not a suite that "gantry push" has made`,
    );
  }
  const blob = await registry.ask(`blobs/${layer.digest}`, { maxBytes: maxTarBytes });
  if (blob.status !== 200)
    throw new AppError('dependency_invalid', `the registry ${ref.host} has lost ${layer.digest}`);
  checkDigest(blob.body, layer.digest);
  const tar = layer.mediaType.endsWith('gzip') ? unzip(blob.body) : blob.body;
  await writeFiles(target, await readTar(tar));
}

/** Puts a suite's package on a registry under a tag. Answers the ref by digest, the same for the same files. */
export async function pushPackage(
  options: RegistryOptions,
  { host, repository, tag }: { host: string; repository: string; tag: string },
  folder: string,
  suite: Suite,
): Promise<OciRef> {
  const registry = openRegistry(options, host, repository);
  const tar = await buffer(streamPackage(folder, suite));
  await pushBlob(registry, tar);
  await pushBlob(registry, emptyConfig);
  const body = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: digestOf(emptyConfig),
        size: emptyConfig.length,
      },
      layers: [{ mediaType: layerType, digest: digestOf(tar), size: tar.length }],
      annotations: {
        'org.opencontainers.image.title': suite.title,
        ...(suite.version === null ? {} : { 'org.opencontainers.image.version': suite.version }),
        'org.gantry.suite.digest': suite.packageDigest,
      },
    }),
  );
  const { status, body: said } = await registry.ask(`manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': manifestType },
    body,
  });
  if (status !== 201) throw refused('the manifest', status, said);
  return { type: 'oci', host, repository, digest: digestOf(body) };
}

async function pushBlob(registry: Registry, content: Buffer): Promise<void> {
  const digest = digestOf(content);
  if ((await registry.ask(`blobs/${digest}`, { method: 'HEAD' })).status === 200) return;
  const begun = await registry.ask('blobs/uploads/', { method: 'POST', headers: { 'content-length': '0' } });
  const location = begun.headers.get('location');
  if (begun.status !== 202 || !location) throw refused('an upload', begun.status, begun.body);
  const at = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
  const ended = await registry.ask(at, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
  });
  if (ended.status !== 201) throw refused('a blob', ended.status, ended.body);
}

function refused(what: string, status: number, said: Buffer): AppError {
  return new AppError(
    'dependency_unavailable',
    `the registry does not take ${what} (${status}): ${said.toString().slice(0, 300)}`,
  );
}

function unzip(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: maxTarBytes });
  } catch (error) {
    throw new AppError('dependency_invalid', `the package is not valid gzip: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function readTar(tar: Buffer): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const reader = extract();
  reader.end(tar);
  try {
    for await (const entry of reader) {
      const { name, type, mode = 0, linkname } = entry.header;
      const content = await buffer(entry);
      if (type === 'directory') continue;
      if (type !== 'file' && type !== 'symlink') throw new Error(`${name} is neither a file nor a link`);
      if (files.length >= maxPackageFiles) throw new Error(`it has more than ${maxPackageFiles} files`);
      files.push(
        type === 'symlink'
          ? { path: name, mode: 'link', content: Buffer.from(linkname ?? '') }
          : { path: name, mode: (mode & 0o100) !== 0 ? 'executable' : 'file', content },
      );
    }
    return files;
  } catch (error) {
    throw new AppError('dependency_invalid', `the package is not a valid tar: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function readManifest(body: Buffer): z.infer<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(body.toString()));
  } catch (error) {
    throw new AppError('dependency_invalid', 'the manifest is not one of an OCI artifact', { cause: error });
  }
}

function checkDigest(content: Buffer, digest: string): void {
  if (digestOf(content) === digest) return;
  throw new AppError('dependency_invalid', `the registry gave something else than ${digest}`);
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
