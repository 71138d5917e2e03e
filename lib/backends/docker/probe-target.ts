import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import { explainListeners } from '../listeners';
import type { LogWatcher } from '../log-watcher';
import type { ProbeTarget } from '../probes';
import { inspectContainer } from './containers';
import type { Daemon } from './daemon';
import { createHealthReader } from './health';
import { runBeside } from './run-beside';

const explainLimitMs = 2_000;

/** How the control plane reaches a container on its own network: by its address, no port is published. */
export function createProbeTarget(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  network: string,
  log: LogWatcher | null,
): ProbeTarget {
  let host: Promise<string> | null = null;

  async function findHost(): Promise<string> {
    const found = await inspectContainer(daemon, container);
    const address = found?.NetworkSettings?.Networks?.[network]?.IPAddress;
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
    async exec(argv, signal, onRunning) {
      const { exitCode, output } = await runBeside({ clock, daemon }, container, argv, signal, onRunning);
      return { exitCode, output: output.trim().split('\n')[0] ?? '' };
    },
    health: createHealthReader({ clock, daemon }, container),
    async explainPort(port) {
      // In an image without `cat` the step's own sockets cannot be seen.
      const argv = ['cat', '/proc/net/tcp', '/proc/net/tcp6'];
      const over = new AbortController();
      const limit = clock.sleep(explainLimitMs, over.signal).then(() => over.abort());
      const { output } = await runBeside({ clock, daemon }, container, argv, over.signal);
      over.abort();
      await limit;
      return /^\s*sl /m.test(output) ? explainListeners(output, port) : null;
    },
  };
}
