import { Worker } from 'node:worker_threads';
import { KubeConfig } from '@kubernetes/client-node';
import { testKubeconfig } from './kubernetes-harness';

/** A pod whose program runs, as the cluster told an onlooker. */
export interface ObservedPod {
  name: string;
  /** When the word came, in milliseconds since 1970. */
  atMs: number;
  createdAt: string;
  startedAt: string;
}

/** Watches pods over a connection of its own, in a thread of its own: what it hears is what the cluster needs. */
export async function observePods(
  labelSelector: string,
): Promise<{ pods: Map<string, ObservedPod>; stop(): Promise<number> }> {
  const config = new KubeConfig();
  config.loadFromFile(testKubeconfig);
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const url = new URL('/api/v1/pods', cluster?.server);
  url.searchParams.set('watch', 'true');
  url.searchParams.set('labelSelector', labelSelector);
  const decode = (text = '') => Buffer.from(text, 'base64').toString();
  const worker = new Worker(new URL('./observe-pods.mjs', import.meta.url), {
    workerData: {
      url: url.href,
      ca: decode(cluster?.caData),
      cert: decode(user?.certData),
      key: decode(user?.keyData),
    },
  });
  const pods = new Map<string, ObservedPod>();
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: ObservedPod | 'watching') => {
      if (message === 'watching') resolve();
      else pods.set(message.name, message);
    });
  });
  return { pods, stop: () => worker.terminate() };
}
