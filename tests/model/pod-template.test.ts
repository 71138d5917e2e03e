import { expect, it } from 'vitest';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';
import { podTemplate } from '@/lib/model/pod-template';

function problemsOf(pod: object): string[] {
  const parsed = kubernetesSettings.safeParse({ kubeconfig: { from: 'cluster' }, pod });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

it.each([
  ['hostNetwork', { hostNetwork: true }],
  ['hostPID', { hostPID: true }],
  ['hostIPC', { hostIPC: true }],
  ['volumes', { volumes: [{ name: 'root', hostPath: { path: '/' } }] }],
  ['containers', { containers: [{ name: 'main', securityContext: { privileged: true } }] }],
  ['initContainers', { initContainers: [{ name: 'first', image: 'any' }] }],
  ['securityContext', { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }],
  ['automountServiceAccountToken', { automountServiceAccountToken: true }],
  ['nodeName', { nodeName: 'node-1' }],
])('refuses %s, by its name', (field, pod) => {
  expect(problemsOf(pod)).toEqual([expect.stringMatching(`^pod: ${field}: .*weakens`)]);
});

it('names a field that nobody knows', () => {
  expect(problemsOf({ hostNetwrok: true })).toEqual(["pod: there is no hostNetwrok in a pod's settings"]);
});

it.each([
  ['annotations', { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' } }],
  ['labels', { labels: { team: 'not a label' } }],
  ['env', { env: { 'A=B': 'x' } }],
  ['affinity', { affinity: { nodeAffinity: { required: [] } } }],
  ['topologySpreadConstraints', { topologySpreadConstraints: [{ maxSkew: 0 }] }],
])('refuses %s that are not what they should be', (field, pod) => {
  expect(problemsOf(pod)[0]).toMatch(`pod.${field}`);
});

it('takes all that places and names pods', () => {
  const pod = {
    labels: { 'example.com/team': 'shop' },
    annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
    env: { HTTPS_PROXY: 'http://proxy.example:3128' },
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 10,
            podAffinityTerm: {
              labelSelector: { matchLabels: { 'example.com/team': 'shop' } },
              topologyKey: 'kubernetes.io/hostname',
            },
          },
        ],
      },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ],
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    priorityClassName: 'ci',
    runtimeClassName: 'gvisor',
  };
  expect(podTemplate.parse(pod)).toEqual(pod);
});
