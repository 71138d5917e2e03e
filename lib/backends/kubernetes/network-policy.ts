import { isIP } from 'node:net';
import type { KubernetesSettings } from '../../model/kubernetes-settings';

/** The spec of what keeps an execution apart: nothing from outside; inside everything; outside what settings allow. */
export function networkPolicy(
  own: Record<string, string>,
  { egress, controlPlaneUrl }: Pick<KubernetesSettings, 'egress' | 'controlPlaneUrl'>,
): object {
  const inside = [{ podSelector: { matchLabels: own } }];
  const dns = { ports: bothProtocols(53) };
  const controlPlane = controlPlaneUrl === null ? [] : [towards(new URL(controlPlaneUrl))];
  return {
    podSelector: { matchLabels: own },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: inside }],
    egress: egress === 'anywhere' ? [{}] : [{ to: inside }, dns, ...controlPlane],
  };
}

/** A policy knows no names: for a host that is one, any address at its port. */
function towards({ hostname, protocol, port }: URL): object {
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const ports = [{ protocol: 'TCP', port: Number(port || (protocol === 'https:' ? 443 : 80)) }];
  return family === 0
    ? { ports }
    : { to: [{ ipBlock: { cidr: `${host}/${family === 4 ? 32 : 128}` } }], ports };
}

function bothProtocols(port: number): object[] {
  return [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ];
}
