import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import { type Daemon, DaemonRefusal, quickMs } from './daemon';
import { readExecEnd } from './exec-end';
import { readFrames } from './frames';

/**
 * Runs a program in the container to its end. Rejects as the daemon's calls do; a program that cannot be run is an
 * answer, which engines give in different ways.
 */
export async function runBeside(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  argv: string[],
  signal: AbortSignal,
  onRunning: (isRunning: boolean) => void = () => undefined,
): Promise<{ exitCode: number; output: string }> {
  const exec = await daemon.call('prepare a probe', quickMs, (docker) =>
    docker.getContainer(container).exec({ Cmd: argv, AttachStdout: true, AttachStderr: true }),
  );
  const inspect = () =>
    daemon.call('look at a probe', quickMs, async () => readExecEnd(await exec.inspect(), daemon.name));
  let output = '';
  try {
    const stream = await daemon.call('run a probe', quickMs, () => exec.start({ abortSignal: signal }));
    onRunning(true);
    const feed = readFrames((_, payload) => {
      if (output.length < maxOutputLength) output += payload.toString('utf8');
    });
    const stop = () => stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const chunk of stream) feed(Buffer.from(chunk));
    } finally {
      signal.removeEventListener('abort', stop);
    }
    onRunning(false);
  } catch (error) {
    if (!(error instanceof DaemonRefusal)) throw error;
    const { exitCode } = await inspect();
    if (exitCode !== 126 && exitCode !== 127) throw error;
    return { exitCode, output: error.said };
  }
  // The end of its output may come before the news of its end.
  for (let look = 0; look < maxLooks; look += 1) {
    const { exitCode, isRunning } = await inspect();
    if (exitCode !== null) return { exitCode, output };
    if (!isRunning) break;
    await clock.sleep(lookPauseMs);
  }
  throw new AppError('backend_failed', `${daemon.name} does not tell how the probe ended`);
}

const maxLooks = 20;
const lookPauseMs = 50;
const maxOutputLength = 65_536;
