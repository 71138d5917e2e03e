import { extract } from 'tar-stream';
import { z } from 'zod';
import type { FileFacts, StepFiles } from '../program-problem';
import { type Daemon, quickMs, refusalStatus } from './daemon';

const pathStat = z.object({ mode: z.number(), linkTarget: z.string().catch('') });
/** Of Go's os.FileMode, which the engine's answer carries. */
const goMode = {
  directory: 2 ** 31,
  link: 2 ** 27,
  /** Devices, pipes, sockets, what has no type. */
  special: [2 ** 26, 2 ** 25, 2 ** 24, 2 ** 21, 2 ** 19],
};
const maxStartBytes = 4_096;

/** The files of a container, which may have ended. */
export function containerFiles(daemon: Daemon, container: string): StepFiles {
  return {
    inspect: (file) => inspectFile(daemon, container, file),
    async readStart(file) {
      const archive = await daemon.call(`read ${file} in a container`, quickMs, (docker) =>
        docker.getContainer(container).getArchive({ path: file }),
      );
      const entries = extract();
      archive.on('error', (error) => entries.destroy(error));
      archive.pipe(entries);
      try {
        for await (const entry of entries) {
          const chunks: Buffer[] = [];
          let bytes = 0;
          for await (const chunk of entry) {
            if (!(chunk instanceof Uint8Array)) continue;
            chunks.push(Buffer.from(chunk));
            bytes += chunk.length;
            if (bytes >= maxStartBytes) break;
          }
          return Buffer.concat(chunks).subarray(0, maxStartBytes);
        }
        return Buffer.alloc(0);
      } finally {
        entries.destroy();
        if ('destroy' in archive && typeof archive.destroy === 'function') archive.destroy();
      }
    },
  };
}

/** Null when there is nothing at the path. A link is not followed. */
export async function inspectFile(
  daemon: Daemon,
  container: string,
  file: string,
): Promise<FileFacts | null> {
  try {
    return await daemon.call(`look at ${file} in a container`, quickMs, async (docker, abortSignal) => {
      const answer = await docker.getContainer(container).infoArchive({ path: file, abortSignal });
      const header: unknown = answer?.headers?.['x-docker-container-path-stat'];
      answer?.destroy?.();
      const text = Buffer.from(z.string().parse(header), 'base64').toString('utf8');
      return factsOf(pathStat.parse(JSON.parse(text)));
    });
  } catch (error) {
    if (refusalStatus(error) === 404) return null;
    throw error;
  }
}

function factsOf({ mode, linkTarget }: z.infer<typeof pathStat>): FileFacts {
  const has = (bit: number) => Math.floor(mode / bit) % 2 === 1;
  const permissions = mode % 512;
  if (has(goMode.directory)) return { type: 'directory', mode: permissions, target: null };
  if (has(goMode.link)) return { type: 'link', mode: permissions, target: linkTarget };
  return { type: goMode.special.some(has) ? 'other' : 'file', mode: permissions, target: null };
}
