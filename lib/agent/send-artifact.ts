import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStream } from '../backends/backend';
import type { Clock } from '../clock';
import type { Logger } from '../model/logger';
import type { ControlPlane, HeldJob } from './control-plane';
import { persistently } from './patience';

/** By way of a file: a container's content can be read once, and is sent until it has arrived. */
export async function sendArtifact(
  deps: { clock: Clock; logger: Logger; plane: Pick<ControlPlane, 'sendFile'>; folder: string },
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
    await persistently(deps, 'an artifact could not be sent', signal, () => deps.plane.sendFile(held, file));
  } finally {
    await rm(name, { force: true });
  }
}
