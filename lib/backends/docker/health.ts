import type Docker from 'dockerode';
import { z } from 'zod';
import type { Clock } from '../../clock';
import type { ProbeTarget } from '../probes';
import { inspectContainer } from './containers';
import { type Daemon, quickMs, refusalStatus } from './daemon';

/** Podman's own API has a call that runs the check; without systemd nothing else does. */
const podmanCheck = (container: string) => `/v4.0.0/libpod/containers/${container}/healthcheck`;
const minPauseMs = 1_000;
/** Docker's, where neither the image nor the step says one. */
const defaultIntervalMs = 30_000;
const nanosecondsPerMs = 1e6;

/**
 * Tells how the health check of the container's image went last. Docker runs it by itself. Podman leaves that to systemd
 * timers, which not every machine has, so that it is told to run it as Docker would: each time after an interval, and
 * once a second at most. A check that comes at once may hurt a program that is just starting.
 */
export function createHealthReader(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
): ProbeTarget['health'] {
  let pausedSinceMs = clock.monotonicMs();

  async function runCheck(intervalMs: number): Promise<boolean> {
    const pauseMs = Math.max(minPauseMs, intervalMs);
    if (daemon.name !== 'Podman' || clock.monotonicMs() - pausedSinceMs < pauseMs) return false;
    try {
      await daemon.call('run the health check of a container', quickMs, (docker, abortSignal) =>
        dial(docker, podmanCheck(container), abortSignal),
      );
    } catch (error) {
      // The image has none, or the container does not run: its state tells which.
      if (refusalStatus(error) !== 409) throw error;
    } finally {
      pausedSinceMs = clock.monotonicMs();
    }
    return true;
  }

  return async () => {
    let found = await inspectContainer(daemon, container);
    const interval = found?.Config.Healthcheck?.Interval || defaultIntervalMs * nanosecondsPerMs;
    if (await runCheck(interval / nanosecondsPerMs)) found = await inspectContainer(daemon, container);
    const health = found?.State.Health;
    const status = healthStatus.safeParse(health?.Status);
    const [kind = 'NONE'] = found?.Config.Healthcheck?.Test ?? [];
    return {
      status: status.success
        ? status.data
        : daemon.name === 'Podman' && kind !== 'NONE'
          ? 'starting'
          : 'none',
      message: health?.Log?.at(-1)?.Output.trim().split('\n')[0] ?? '',
    };
  };
}

const healthStatus = z.enum(['healthy', 'unhealthy', 'starting']);

function dial(docker: Docker, path: string, abortSignal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const statusCodes = { 200: true, 404: 'no such container', 409: 'no health check', 500: 'server error' };
    docker.modem.dial({ path, method: 'GET', statusCodes, abortSignal }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}
