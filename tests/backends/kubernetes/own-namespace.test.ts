import { expect, it } from 'vitest';
import type { Cluster } from '@/lib/backends/kubernetes/cluster';
import { ClusterRefusal } from '@/lib/backends/kubernetes/cluster-errors';
import { untilAccountIsThere } from '@/lib/backends/kubernetes/own-namespace';
import { AppError } from '@/lib/model/errors';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';

const settings = kubernetesSettings.parse({ kubeconfig: { from: 'cluster' } });

/** Asks a cluster that answers so by the seconds that have passed; resolves with these. */
async function wait(answer: (seconds: number) => unknown): Promise<number> {
  let nowMs = 0;
  const clock = {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const cluster: Pick<Cluster, 'request'> = {
    request: async () => {
      const found = answer(nowMs / 1000);
      if (found instanceof Error) throw found;
      return found;
    },
  };
  await untilAccountIsThere({ clock, cluster, settings }, 'gantry-x');
  return nowMs / 1000;
}

const missing = new ClusterRefusal(404, {}, '', 'look');

it('waits for an account that the cluster makes late, after it was away', async () => {
  const away = new AppError('backend_unavailable', 'the API server does not answer');
  const starting = new ClusterRefusal(503, {}, '', 'look');
  const seconds = await wait((now) => (now < 5 ? away : now < 10 ? starting : now < 45 ? missing : {}));
  expect(seconds).toBeGreaterThanOrEqual(45);
  expect(seconds).toBeLessThan(47);
});

it('gives up after a minute, and at once where it may not look', async () => {
  await expect(wait(() => missing)).rejects.toBe(missing);
  const forbidden = new ClusterRefusal(403, {}, '', 'look');
  await expect(wait((now) => (now === 0 ? forbidden : {}))).rejects.toBe(forbidden);
});
