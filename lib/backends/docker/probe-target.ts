import { AppError } from '../../model/errors';
import type { LogWatcher, ProbeTarget } from '../readiness';
import { inspectContainer } from './containers';
import { type Daemon, quickMs } from './daemon';
import { readFrames } from './frames';

/** How the control plane reaches a container on its own network: by its address, no port is published. */
export function createProbeTarget(
  daemon: Daemon,
  container: string,
  network: string,
  log: LogWatcher | null,
): ProbeTarget {
  let host: Promise<string> | null = null;

  async function findHost(): Promise<string> {
    const found = await inspectContainer(daemon, container);
    const address = found?.NetworkSettings.Networks[network]?.IPAddress;
    if (address) return address;
    throw new AppError('backend_failed', 'the container has no address');
  }

  return {
    log,
    async address(port) {
      host ??= findHost();
      try {
        return { host: await host, port };
      } catch (error) {
        host = null;
        throw error;
      }
    },
    async exec(argv, signal) {
      const exec = await daemon.call('prepare a probe', quickMs, (docker) =>
        docker.getContainer(container).exec({ Cmd: argv, AttachStdout: true, AttachStderr: true }),
      );
      const stream = await daemon.call('run a probe', quickMs, () => exec.start({ abortSignal: signal }));
      let output = '';
      const feed = readFrames((_, payload) => {
        if (output.length < 1_000) output += payload.toString('utf8');
      });
      const stop = () => stream.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const chunk of stream) feed(Buffer.from(chunk));
      } finally {
        signal.removeEventListener('abort', stop);
      }
      const { ExitCode } = await daemon.call('look at a probe', quickMs, () => exec.inspect());
      return { exitCode: ExitCode ?? -1, output: output.trim().split('\n')[0] ?? '' };
    },
    async health() {
      const found = await inspectContainer(daemon, container);
      const health = found?.State.Health;
      const status = health?.Status;
      const known = status === 'healthy' || status === 'unhealthy' || status === 'starting';
      return {
        status: known ? status : 'none',
        message: health?.Log?.at(-1)?.Output.trim().split('\n')[0] ?? '',
      };
    },
  };
}
