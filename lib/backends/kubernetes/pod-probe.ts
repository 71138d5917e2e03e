import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { ReadyRule } from '../../model/node';
import { literal } from './literal';
import { busybox, httpStatusScript } from './pod-scripts';

/**
 * The rule as the kubelet's own readiness probe. Empty for what no kubelet can ask: a log line is looked for by the
 * control plane, and health checks of images are Docker's alone.
 */
export function readinessProbe(rule: ReadyRule | null): Pick<V1Container, 'readinessProbe'> {
  const handler = rule && handlerOf(rule.probe);
  if (!rule || !handler) return {};
  const periodSeconds = Math.max(1, Math.round(rule.intervalMs / 1000));
  return { readinessProbe: { ...handler, periodSeconds, timeoutSeconds: 5, failureThreshold: 1 } };
}

function handlerOf(probe: ReadyRule['probe']): V1Probe | null {
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
    default:
      return null;
  }
}

function exec(argv: string[]): V1Probe {
  return { exec: { command: argv.map(literal) } };
}
