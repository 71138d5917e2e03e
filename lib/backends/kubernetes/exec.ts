import { PassThrough, Readable } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Cluster } from './cluster';

export interface ExecTarget {
  namespace: string;
  pod: string;
  container: string;
}

const execStatus = z.object({
  status: z.string().nullish(),
  message: z.string().nullish(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().nullish(), message: z.string().nullish() })) })
    .nullish(),
});

/** What may be held of output that its reader has not taken yet. */
const heldBytes = 1024 * 1024;
const sendPauseMs = 2;

/**
 * Runs a program in a container of a pod and hands its standard output to `take`. Resolves with the exit code and the
 * beginning of its standard error. Rejects with AppError `backend_failed` when it cannot be run or heard to its end,
 * and when the signal ends: nobody hears it then, but it goes on. `input` is its standard input, which never ends for it:
 * a cluster cannot pass that on.
 */
export async function execInPod(
  { clock, cluster }: { clock: Clock; cluster: Cluster },
  { namespace, pod, container }: ExecTarget,
  argv: string[],
  limitMs: number,
  take: (output: AsyncIterable<Uint8Array>) => Promise<void> = drain,
  {
    signal,
    onStderr,
    input,
  }: {
    signal?: AbortSignal;
    onStderr?: (chunk: Uint8Array) => void;
    input?: AsyncIterable<Uint8Array>;
  } = {},
): Promise<{ exitCode: number; complaint: string }> {
  const { Exec } = await import('@kubernetes/client-node');
  const stdout = new PassThrough({ highWaterMark: heldBytes });
  const stderr = new PassThrough();
  let complaint = '';
  stderr.on('data', (chunk) => {
    if (complaint.length < 1_000) complaint += String(chunk);
    onStderr?.(chunk);
  });
  const over = new AbortController();
  let close: () => void = () => {};
  let unsentBytes: () => number = () => 0;
  const stdin = input ? Readable.from(paced({ clock }, input, () => unsentBytes(), over.signal)) : null;
  try {
    const status = new Promise<z.infer<typeof execStatus>>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('nobody waits for it any more')), {
        once: true,
      });
      const said = (answer: unknown) => resolve(execStatus.parse(answer));
      clock.sleep(limitMs, over.signal).then(() => {
        reject(new Error(`it did not end within ${Math.round(limitMs / 1000)} s`));
      });
      stdin?.once('error', reject);
      cluster
        .config()
        .then((config) =>
          new Exec(config).exec(namespace, pod, container, argv, stdout, stderr, stdin, false, said),
        )
        .then((socket) => {
          close = () => socket.close();
          unsentBytes = () => socket.bufferedAmount;
          // A reader that is slow must not fill the memory.
          stdout.on('drain', () => socket.resume());
          socket.addEventListener('message', () => {
            if (stdout.writableNeedDrain) socket.pause();
          });
          socket.onclose = () => reject(new Error('the connection ended before the program did'));
        })
        .catch((error: unknown) => reject(new Error(sentence(error), { cause: error })));
    });
    const [answer] = await Promise.all([
      status.finally(() => {
        stdout.end();
      }),
      take(stdout),
    ]);
    return { exitCode: exitCodeOf(answer), complaint: complaint.trim() };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'backend_failed',
      `The cluster could not run ${argv[0]} in the pod ${pod}: ${messageOf(error)}.`,
      { cause: error },
    );
  } finally {
    over.abort();
    close();
    stdout.destroy();
    stdin?.destroy();
  }
}

/** The content, as fast as it is sent. It does not end before the program does: its end would close the connection. */
async function* paced(
  { clock }: { clock: Clock },
  content: AsyncIterable<Uint8Array>,
  unsentBytes: () => number,
  over: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    while (unsentBytes() > heldBytes && !over.aborted) await clock.sleep(sendPauseMs, over);
    if (over.aborted) return;
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  while (!over.aborted) await clock.sleep(60_000, over);
}

async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of output) void chunk;
}

function exitCodeOf(answer: z.infer<typeof execStatus>): number {
  if (answer.status === 'Success') return 0;
  const code = answer.details?.causes.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code != null) return Number(code);
  throw new Error(answer.message ?? 'it said no more');
}

/** The socket reports events, not errors. */
function sentence(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return messageOf(error);
}
