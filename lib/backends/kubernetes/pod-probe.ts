import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { ContainerOptions } from '../../model/container-options';
import type { PlannedNode, ReadyProbe } from '../../model/node';
import { literal } from './literal';
import { busybox, httpStatusScript } from './pod-scripts';

/**
 * The rule as the kubelet's own readiness probe. Empty for what no kubelet can ask: a log line is looked for by the
 * control plane, and health checks of images are Docker's alone; one of the step's own is a command like another.
 */
export function readinessProbe({
  ready,
  container: { healthCheck },
}: Pick<PlannedNode, 'ready' | 'container'>): Pick<V1Container, 'readinessProbe'> {
  const [probe] = (ready?.probes ?? []).flatMap((each) => {
    const handler = handlerOf(each, healthCheck);
    return handler ? [{ handler, isHealthCheck: each.type === 'healthcheck' }] : [];
  });
  if (!ready || !probe) return {};
  const { intervalMs, timeoutMs } =
    probe.isHealthCheck && healthCheck ? healthCheck : { intervalMs: ready.intervalMs, timeoutMs: 5_000 };
  return {
    readinessProbe: {
      ...probe.handler,
      // A health check comes after its first interval: some hurt a program that is just starting.
      ...(probe.isHealthCheck ? { initialDelaySeconds: wholeSeconds(intervalMs) } : {}),
      periodSeconds: wholeSeconds(intervalMs),
      timeoutSeconds: wholeSeconds(timeoutMs),
      failureThreshold: 1,
    },
  };
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000));
}

function handlerOf(probe: ReadyProbe, healthCheck: ContainerOptions['healthCheck']): V1Probe | null {
  switch (probe.type) {
    case 'tcp':
      return { tcpSocket: { port: probe.port } };
    case 'http':
      // The kubelet takes 200 to 399, as a rule without statuses does.
      return probe.status === null
        ? { httpGet: { port: probe.port, path: probe.path } }
        : exec([
            busybox,
            'sh',
            '-c',
            httpStatusScript,
            'gantry',
            String(probe.port),
            probe.path,
            probe.status.join(' '),
          ]);
    case 'exec':
      return exec(probe.argv);
    case 'healthcheck':
      return healthCheck && exec(healthCheck.argv);
    default:
      return null;
  }
}

function exec(argv: string[]): V1Probe {
  return { exec: { command: argv.map(literal) } };
}
