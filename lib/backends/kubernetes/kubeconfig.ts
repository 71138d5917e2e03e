import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { AppError, messageOf } from '../../model/errors';
import type { KubernetesSettings } from '../../model/kubernetes-settings';

/** Rejects with AppError `backend_unavailable` that says what is wrong with the kubeconfig. */
export async function loadKubeconfig(
  settings: Pick<KubernetesSettings, 'kubeconfig' | 'context'> | null,
): Promise<KubeConfig> {
  if (!settings) {
    throw new AppError(
      'backend_unavailable',
      'No cluster is configured: set GANTRY_KUBECONFIG, or give this backend a kubeconfig.',
    );
  }
  const { kubeconfig, context } = settings;
  // It takes half a second and much memory: only who uses a cluster pays for it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (kubeconfig.from === 'cluster') config.loadFromCluster();
    else if (kubeconfig.from === 'inline') config.loadFromString(kubeconfig.text);
    else config.loadFromFile(kubeconfig.path);
  } catch (error) {
    throw new AppError(
      'backend_unavailable',
      `${describe(kubeconfig)} cannot be read: ${(messageOf(error).split('\n')[0] ?? '').replace(/[.:]$/, '')}.`,
      {
        cause: error,
      },
    );
  }
  if (context !== null) {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map(({ name }) => name);
      throw new AppError(
        'backend_unavailable',
        `${describe(kubeconfig)} has no context ${context}. It has: ${known.join(', ') || 'none'}.`,
      );
    }
    config.setCurrentContext(context);
  }
  const server = config.getCurrentCluster()?.server;
  // What the client makes of variables that are not there.
  if (kubeconfig.from === 'cluster' && server?.includes('undefined')) {
    throw new AppError(
      'backend_unavailable',
      'Gantry does not run in a pod of a cluster: give it a kubeconfig instead of `in-cluster`.',
    );
  }
  if (!server) {
    throw new AppError('backend_unavailable', `${describe(kubeconfig)} names no cluster to use.`);
  }
  return config;
}

function describe(source: KubernetesSettings['kubeconfig']): string {
  if (source.from === 'file') return `The kubeconfig ${path.resolve(source.path)}`;
  return source.from === 'inline' ? 'The kubeconfig of the settings' : 'The service account of this pod';
}
