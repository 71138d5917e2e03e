import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

/** Builds an image from a Dockerfile and nothing else. Rejects with the engine's words when it cannot be built. */
export async function buildImage(docker: Docker, tag: string, dockerfile: string): Promise<void> {
  const context = pack();
  context.entry({ name: 'Dockerfile' }, dockerfile);
  context.finalize();
  const stream = await docker.buildImage(Readable.from(context, { objectMode: false }), { t: tag });
  await untilBuilt(docker, stream);
}

/** Builds an image from a folder with a Dockerfile and its files. Rejects as `buildImage` does. */
export async function buildImageFolder(docker: Docker, tag: string, folder: string): Promise<void> {
  const stream = await docker.buildImage({ context: folder, src: await readdir(folder) }, { t: tag });
  await untilBuilt(docker, stream);
}

async function untilBuilt(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output: { error?: string }[]) => {
      const failure = error?.message ?? output?.find((line) => line.error)?.error;
      if (failure) reject(new Error(failure));
      else resolve();
    });
  });
}
