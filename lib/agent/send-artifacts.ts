import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStream } from '../backends/backend';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import { type BatchedArtifact, batchLimits } from '../model/job';
import type { Logger } from '../model/logger';
import type { ControlPlane, HeldJob } from './control-plane';
import { retry } from './retry';

/** Sends what a step exported; small files together, since each request costs its round trip. */
export interface ArtifactSender {
  /** A small file may be sent later, with others: see `flush`. */
  send(artifact: ArtifactStream): Promise<void>;
  /** Sends what is not sent yet. */
  flush(): Promise<void>;
}

interface SenderDependencies {
  clock: Clock;
  logger: Logger;
  plane: Pick<ControlPlane, 'sendFile' | 'sendFiles'>;
  folder: string;
}

/** A held small file: its content is at hand, so that it can be sent alone too. */
type Held = Pick<ArtifactStream, 'path' | 'format'> & { content: Buffer };

/** `onRefused` is told of each file that the control plane does not take because of its size. */
export function createArtifactSender(
  deps: SenderDependencies,
  job: HeldJob,
  signal: AbortSignal,
  onRefused: (path: string, why: string) => void,
): ArtifactSender {
  let held: Held[] = [];
  let bytes = 0;

  async function flush(): Promise<void> {
    const batch = held;
    held = [];
    bytes = 0;
    if (batch.length === 0) return;
    try {
      const files = batch.map(toBatched);
      await retry(deps, 'artifacts could not be sent', signal, () => deps.plane.sendFiles(job, files));
    } catch (error) {
      // One of them is too large, or the control plane is older than this agent: each alone tells.
      if (!(error instanceof AppError) || !['payload_too_large', 'not_found'].includes(error.code))
        throw error;
      for (const { content, ...file } of batch)
        await sendAlone({ ...file, bytes: content.length, content: Readable.from([content]) });
    }
  }

  async function sendAlone(artifact: ArtifactStream): Promise<void> {
    try {
      await sendThroughFile(deps, job, artifact, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'payload_too_large') throw error;
      onRefused(artifact.path, error.message);
    }
  }

  return {
    flush,
    async send(artifact) {
      if (artifact.bytes > batchLimits.fileBytes) {
        await flush();
        return sendAlone(artifact);
      }
      const content = await readWhole(artifact.content);
      const isNext = held.some((each) => each.path === artifact.path);
      if (isNext || bytes + content.length > batchLimits.bytes) await flush();
      if (content.length > batchLimits.fileBytes)
        return sendAlone({ ...artifact, bytes: content.length, content: Readable.from([content]) });
      held.push({ path: artifact.path, format: artifact.format, content });
      bytes += content.length;
      if (held.length >= batchLimits.files) await flush();
    },
  };
}

function toBatched({ path, format, content }: Held): BatchedArtifact {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, format, sha256, content: content.toString('base64') };
}

async function readWhole(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

/** Through a temporary file, since the container's content can be read only once and sending may be retried. */
async function sendThroughFile(
  deps: SenderDependencies,
  held: HeldJob,
  { path: artifactPath, format, content }: ArtifactStream,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(deps.folder, { recursive: true });
  const name = path.join(deps.folder, `artifact-${randomBytes(8).toString('hex')}`);
  const hash = createHash('sha256');
  try {
    await pipeline(
      Readable.from(content, { objectMode: false }),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(name, { mode: 0o600 }),
    );
    const file = { name, path: artifactPath, format, sha256: hash.digest('hex') };
    await retry(deps, 'an artifact could not be sent', signal, () => deps.plane.sendFile(held, file));
  } finally {
    await rm(name, { force: true });
  }
}
