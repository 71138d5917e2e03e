import { expect, it } from 'vitest';
import { quotaOf } from '@/lib/backends/kubernetes/quota';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';

const mib = 1024 * 1024;
const settings = kubernetesSettings.parse({ kubeconfig: { from: 'cluster' } });

it('counts every attempt, with the container beside it', () => {
  const hard = quotaOf(settings, [
    { cpu: 0.5, memoryBytes: 200 * mib, attempts: 1 },
    { cpu: 1, memoryBytes: 300 * mib, attempts: 3 },
  ]);
  expect(hard).toEqual({
    pods: '4',
    'requests.cpu': `${500 + 10 + 3 * (1_000 + 10)}m`,
    'requests.memory': String((200 + 16 + 3 * (300 + 16)) * mib),
    'limits.memory': String((200 + 128 + 3 * (300 + 128)) * mib),
  });
});

it('leaves room for the container that fetches a large package', () => {
  expect(quotaOf(settings, [{ cpu: 0.001, memoryBytes: mib, attempts: 1 }])).toMatchObject({
    'requests.cpu': '11m',
    'requests.memory': String(64 * mib),
    'limits.memory': String(256 * mib),
  });
});

it('limits nothing that a step leaves open, for its pod would be refused', () => {
  const open = { cpu: null, memoryBytes: null, attempts: 1 };
  expect(quotaOf(settings, [{ cpu: 1, memoryBytes: mib, attempts: 1 }, open])).toEqual({ pods: '2' });
  const stated = { ...settings, resources: { cpu: 0.25, memoryBytes: 200 * mib } };
  expect(quotaOf(stated, [open])).toMatchObject({ 'requests.cpu': '260m' });
});

it('counts pods alone where a runtime class adds to them', () => {
  const sandboxed = { ...settings, pod: { ...settings.pod, runtimeClassName: 'gvisor' } };
  expect(quotaOf(sandboxed, [{ cpu: 1, memoryBytes: mib, attempts: 1 }])).toEqual({ pods: '1' });
});
