import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { ExecOutput } from '../backend';
import type { Cluster } from './cluster';
import { type ExecTarget, execInPod } from './exec';
import { containerOf, mainContainer } from './objects';
import { findOwnPod, type OwnPod } from './own-pod';
import { busybox } from './pod-scripts';

/**
 * Says its process id first: to close the connection does not end a command. The image's own shell where it has one,
 * else busybox's, which is in every pod.
 */
const wrapper = `echo $$
for folder in $(echo "$PATH" | tr : ' '); do [ -x "$folder/sh" ] && exec "$folder/sh" -c "$1"; done
exec ${busybox} sh -c "$1"`;
const killLimitMs = 10_000;

/** See `Backend.exec`. */
export async function execInStep(
  context: { clock: Clock; cluster: Cluster },
  own: OwnPod,
  command: string,
  onOutput: (output: ExecOutput) => void,
  signal: AbortSignal,
): Promise<{ exitCode: number | null }> {
  const pod = await findOwnPod(context.cluster, own);
  const state = containerOf(pod, mainContainer)?.state;
  if (!state?.running) {
    throw new AppError(
      'conflict',
      `The pod ${own.pod} does not run: its step ${state?.terminated ? 'has ended' : 'has not started'}.`,
    );
  }
  const target = { namespace: own.namespace, pod: own.pod, container: mainContainer };
  const deaf = new AbortController();
  const stdout = createOutput(onOutput);
  const stderr = new TextDecoder();
  const stop = () => {
    const pid = stdout.pid();
    // Not known yet: its first line is on its way, and then this is called again.
    if (pid === null) return;
    void kill(context, target, pid)
      .catch((error: unknown) =>
        onOutput({ stream: 'stderr', text: `\nit could not be ended: ${messageOf(error)}\n` }),
      )
      .finally(() => deaf.abort());
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { exitCode } = await execInPod(
      context,
      target,
      [busybox, 'sh', '-c', wrapper, 'gantry', command],
      Number.POSITIVE_INFINITY,
      async (output) => {
        for await (const chunk of output) {
          const wasKnown = stdout.pid() !== null;
          stdout.feed(chunk);
          if (signal.aborted && !wasKnown) stop();
        }
      },
      {
        signal: deaf.signal,
        onStderr: (chunk) => onOutput({ stream: 'stderr', text: stderr.decode(chunk, { stream: true }) }),
      },
    );
    return { exitCode: signal.aborted ? null : exitCode };
  } catch (error) {
    if (signal.aborted) return { exitCode: null };
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Keeps the first line, which is the process id, to itself. */
function createOutput(onOutput: (output: ExecOutput) => void) {
  const decoder = new TextDecoder();
  let firstLine: string | null = '';
  let pid: number | null = null;
  return {
    pid: () => pid,
    feed(chunk: Uint8Array) {
      let text = decoder.decode(chunk, { stream: true });
      if (firstLine !== null) {
        firstLine += text;
        const end = firstLine.indexOf('\n');
        if (end < 0) return;
        pid = Number(firstLine.slice(0, end));
        text = firstLine.slice(end + 1);
        firstLine = null;
      }
      if (text !== '') onOutput({ stream: 'stdout', text });
    },
  };
}

/** The whole group: runtimes start every command in a session of its own. */
async function kill(
  context: { clock: Clock; cluster: Cluster },
  target: ExecTarget,
  pid: number,
): Promise<void> {
  if (!Number.isInteger(pid)) return;
  const script = `kill -KILL -${pid} || kill -KILL ${pid}`;
  await execInPod(context, target, [busybox, 'sh', '-c', script], killLimitMs);
}
