import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { noLedger, type OpenPackage, type ResourceLedger } from '@/lib/backends/backend';
import { type Cluster, openCluster } from '@/lib/backends/kubernetes/cluster';
import { loadKubeconfig } from '@/lib/backends/kubernetes/kubeconfig';
import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { plainList } from '@/lib/backends/kubernetes/objects';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { type KubernetesSettings, kubernetesSettings } from '@/lib/model/kubernetes-settings';
import { silentLogger } from '../support/silent-logger';
import type { BackendHarness } from './backend-contract';

const clock = systemClock;

/** The cluster that tests run on. */
export const testKubeconfig = process.env.KUBECONFIG ?? path.join(homedir(), '.kube', 'config');

export function testSettings(change: Partial<KubernetesSettings> = {}): KubernetesSettings {
  return { ...kubernetesSettings.parse({ kubeconfig: { from: 'file', path: testKubeconfig } }), ...change };
}

export function testCluster(settings = testSettings()): Cluster {
  return openCluster({ clock }, () => loadKubeconfig(settings));
}

/** The real cluster, under an installation of the test's own. */
export async function openKubernetesHarness(
  { openPackage, ledger = noLedger }: { openPackage: OpenPackage; ledger?: ResourceLedger },
  installation: string,
  change: Partial<KubernetesSettings> = {},
): Promise<BackendHarness & { cluster: Cluster; installation: string; settings: KubernetesSettings }> {
  await buildToolbox({ log: () => {} });
  const settings = testSettings(change);
  const cluster = testCluster(settings);
  const make = () =>
    createKubernetesBackend(
      { clock, logger: silentLogger, openPackage, ledger },
      { id: 'kubernetes', installation, settings },
    );
  return {
    cluster,
    installation,
    settings,
    backend: make(),
    another: make,
    command: ({ source }) => ['node', '-e', source],
    image: toolboxImage,
    leftovers: (executionId) => leftovers(cluster, selectorText(selectorOf(installation, { executionId }))),
    killSlackMs: 15_000,
    // A kubelet that starts many pods tells of them seconds later.
    paceMs: 30,
    keepsLedger: true,
    close: async () => {},
  };
}

const nodes = z.object({
  items: z.array(
    z.object({
      status: z.object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })) }),
    }),
  ),
});

/** Where pods reach this machine, which is the only node. */
export async function nodeAddress(): Promise<string> {
  const [node] = nodes.parse(await testCluster().request('list nodes', '/api/v1/nodes')).items;
  return node?.status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

/**
 * Brings an image of the machine's Docker into the cluster, where the two do not share images: by the command that
 * GANTRY_TEST_LOAD_IMAGE names, with the image as its last word.
 */
export async function loadImage(image: string): Promise<void> {
  const [command, ...words] = process.env.GANTRY_TEST_LOAD_IMAGE?.split(' ') ?? [];
  if (command) await promisify(execFile)(command, [...words, image]);
}

/** Names of all that carries the labels, as the cluster itself tells. */
export async function leftovers(cluster: Cluster, labelSelector: string): Promise<string[]> {
  const paths = ['namespaces', 'pods', 'services', 'secrets'].map((kind) => `/api/v1/${kind}`);
  const found = await Promise.all(
    [...paths, '/apis/networking.k8s.io/v1/networkpolicies'].map(async (each) => {
      const { items } = plainList.parse(await cluster.request('list', each, { query: { labelSelector } }));
      return (items ?? []).map(({ metadata }) => `${each}: ${metadata.name}`);
    }),
  );
  return found.flat();
}
