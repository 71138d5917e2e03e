import type { Clock } from '../../clock';
import type { NotExported } from '../../model/artifact';
import { AppError } from '../../model/errors';
import type { ExportRule } from '../../model/node';
import { exportArchive, noteNotExported } from '../artifact-archive';
import { normalizePath, selectArtifacts } from '../artifact-selection';
import type { ArtifactStream } from '../backend';
import { artifactsFolder } from '../container-facts';
import type { Cluster } from './cluster';
import { execInPod } from './exec';
import { companionContainer, type Pod } from './objects';

const listLimitMs = 30_000;
const readLimitMs = 600_000;
const retryLimitMs = 60_000;
const pauseMs = 1_000;
/** Paths go into the request's address. */
const batchBytes = 4_000;
const separator = '//';

const listScript = `
cd ${artifactsFolder} 2>/dev/null || exit 0
find . -type f -print0
printf '${separator}\\0'
find . -type l -exec /bin/busybox sh -c 'for link; do printf "%s\\0" "$link"; readlink -n "$link"; printf "\\0"; done' sh {} +
printf '${separator}\\0'
find . ! -type f ! -type d ! -type l -print0
`;

/** The files that the rules ask for, in order of path, through the companion, which outlives the step's program. */
export async function collectArtifacts(
  context: { clock: Clock; cluster: Cluster },
  { metadata }: Pod,
  rules: readonly ExportRule[],
  onArtifact: (artifact: ArtifactStream) => Promise<void>,
  signal: AbortSignal,
): Promise<NotExported[]> {
  const target = { namespace: metadata.namespace, pod: metadata.name, container: companionContainer };
  const deadlineMs = context.clock.monotonicMs() + retryLimitMs;
  let handedOver = false;

  /** What has been handed over must not come twice. */
  async function run(
    argv: string[],
    limitMs: number,
    take: (output: AsyncIterable<Uint8Array>) => Promise<void>,
  ) {
    for (;;) {
      handedOver = false;
      try {
        const { exitCode, complaint } = await execInPod(context, target, argv, limitMs, take);
        if (exitCode === 0) return;
        throw new AppError(
          'backend_failed',
          `The artifacts cannot be read: ${complaint || `exit code ${exitCode}`}`,
        );
      } catch (error) {
        if (handedOver || signal.aborted || context.clock.monotonicMs() > deadlineMs) throw error;
        await context.clock.sleep(pauseMs, signal);
      }
    }
  }

  let listed = '';
  await run(['/bin/busybox', 'sh', '-c', listScript], listLimitMs, async (output) => {
    listed = '';
    for await (const chunk of output) listed += Buffer.from(chunk).toString('latin1');
  });
  const { files, links, others } = readListing(listed);
  for (const batch of batches(selectArtifacts(files, rules).map(({ path }) => path))) {
    const argv = [
      '/bin/busybox',
      'tar',
      '-C',
      artifactsFolder,
      '-cf',
      '-',
      ...batch.map((path) => `./${path}`),
    ];
    await run(argv, readLimitMs, async (output) => {
      const take = (artifact: ArtifactStream) => {
        handedOver = true;
        return onArtifact(artifact);
      };
      await exportArchive(output, '', rules, take, signal);
    });
  }
  const notExported: NotExported[] = [];
  for (let index = 0; index + 1 < links.length; index += 2) {
    const path = normalizePath(links[index] ?? '');
    if (path !== null)
      noteNotExported(notExported, rules, path, { type: 'symlink', linkname: links[index + 1] });
  }
  for (const other of others) {
    const path = normalizePath(other);
    if (path !== null) noteNotExported(notExported, rules, path, {});
  }
  return notExported;
}

function readListing(listed: string): { files: string[]; links: string[]; others: string[] } {
  const names = Buffer.from(listed, 'latin1').toString('utf8').split('\0').slice(0, -1);
  const first = names.indexOf(separator);
  const second = names.indexOf(separator, first + 1);
  if (first < 0 || second < 0) return { files: [], links: [], others: [] };
  return {
    files: names.slice(0, first),
    links: names.slice(first + 1, second),
    others: names.slice(second + 1),
  };
}

function batches(paths: string[]): string[][] {
  const all: string[][] = [];
  let bytes = batchBytes;
  for (const path of paths) {
    bytes += 3 * path.length;
    if (bytes > batchBytes || all.length === 0) {
      all.push([]);
      bytes = 3 * path.length;
    }
    all.at(-1)?.push(path);
  }
  return all;
}
