import { AppError, messageOf } from '../../model/errors';
import type { ExecOutput } from '../backend';
import { type Daemon, quickMs, slowMs } from './daemon';
import { readExecEnd } from './exec-end';
import { readFrames } from './frames';
import { findOwnContainer, type OwnContainer } from './own-container';

/**
 * Says its process id first: Docker has no call that ends a command. Beside the command something waits for the end of
 * the input, which nobody writes to: it comes when the connection is gone, also with whoever had it, and then the
 * command goes too. What the command has left running when it ends by itself stays. In brackets, for else a shell
 * has the redirections itself meanwhile, and says on them how the command was killed.
 */
const wrapper = `exec 3<&0 4>&2 2>/dev/null
( while read -r _; do :; done <&3; kill -KILL -$$ ) >/dev/null 4>&- &
echo $$
( exec sh -c "$1" </dev/null 2>&4 3<&- 4>&- )
code=$?
kill -KILL $!
exit $code`;

/** See `Backend.exec`. */
export async function execInContainer(
  daemon: Daemon,
  target: OwnContainer,
  command: string,
  onOutput: (output: ExecOutput) => void,
  signal: AbortSignal,
): Promise<{ exitCode: number | null }> {
  const { Id: id, State: state } = await findOwnContainer(daemon, target);
  if (!state.Running) {
    throw new AppError('conflict', `The container ${target.container} does not run: it is ${state.Status}.`);
  }
  const exec = await daemon.call('prepare a command', quickMs, (docker) =>
    docker.getContainer(id).exec({
      Cmd: ['sh', '-c', wrapper, 'sh', command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    }),
  );
  const stream = await daemon.call('run a command', slowMs, () => exec.start({ hijack: true, stdin: true }));
  const output = createOutput(onOutput);
  let killed: Promise<void> | null = null;
  const stop = () => {
    // Not known yet: its first line is on its way, and then this is called again.
    if (output.pid() === null || killed) return;
    killed = kill(daemon, id, output.pid()).catch((error: unknown) =>
      onOutput({ stream: 'stderr', text: `\nit could not be ended: ${messageOf(error)}\n` }),
    );
    stream.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) {
      output.feed(Buffer.from(chunk));
      if (signal.aborted) stop();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await killed;
  }
  if (signal.aborted) return { exitCode: null };
  const details = await daemon.call('look at a command', quickMs, () => exec.inspect());
  return { exitCode: readExecEnd(details, daemon.name).exitCode };
}

/** Keeps the first line, which is the process id, to itself. */
function createOutput(onOutput: (output: ExecOutput) => void) {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  let firstLine: string | null = '';
  let pid: number | null = null;
  const feed = readFrames((stream, payload) => {
    let text = decoders[stream].decode(payload, { stream: true });
    if (stream === 'stdout' && firstLine !== null) {
      firstLine += text;
      const end = firstLine.indexOf('\n');
      if (end < 0) return;
      pid = Number(firstLine.slice(0, end));
      text = firstLine.slice(end + 1);
      firstLine = null;
    }
    if (text !== '') onOutput({ stream, text });
  });
  return { feed, pid: () => pid };
}

/** The whole group: Docker starts every command in a session of its own. */
async function kill(daemon: Daemon, container: string, pid: number | null): Promise<void> {
  if (pid === null || !Number.isInteger(pid)) return;
  const exec = await daemon.call('prepare to end a command', quickMs, (docker) =>
    docker.getContainer(container).exec({ Cmd: ['sh', '-c', `kill -KILL -${pid}`] }),
  );
  await daemon.call('end a command', quickMs, () => exec.start({ Detach: true }));
}
