import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApisApi, AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import { testKubeconfig } from '../backends/kubernetes-harness';
import { apiServerName } from './cluster-crossing';
import { type Manifest, renderChart } from './render-chart';

interface ReleaseOptions {
  /** Of the release and its namespace; its steps run in the namespace with `-runs` behind it. */
  name: string;
  image: string;
  /** A folder of this machine, which is the only node. */
  suites: string;
  secret: Record<string, string>;
  /** Where pods reach the API server. */
  apiServer: { address: string; port: number };
}

/** Gantry as the chart installs it, and its API through whichever replica is ready. */
export interface ClusterGantry {
  untilRolledOut(image: string): Promise<void>;
  /** Ends the control plane that runs the most executions, as a node that dies. */
  killOne(): Promise<void>;
  roll(image: string): Promise<void>;
  launch(suiteId: string): Promise<string>;
  untilStepRuns(id: string): Promise<void>;
  untilFinished(id: string): Promise<string>;
  explain(id: string): Promise<string>;
  eventSeqs(id: string): Promise<number[]>;
  podsOfSteps(): Promise<string[]>;
  remove(): Promise<void>;
}

const chart = fileURLToPath(new URL('../../deploy/chart', import.meta.url));
const limitSeconds = 300;

export async function installChart(options: ReleaseOptions): Promise<ClusterGantry> {
  const { name } = options;
  const runs = `${name}-runs`;
  const token = randomBytes(16).toString('hex');
  const config = new KubeConfig();
  config.loadFromFile(testKubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const objects = KubernetesObjectApi.makeApiClient(config);
  const selector = { namespace: name, labelSelector: `app.kubernetes.io/instance=${name}` };
  await core.createNamespace({ body: { metadata: { name } } });
  await core.createNamespacedSecret({
    namespace: name,
    body: { metadata: { name: 'gantry' }, stringData: { ...options.secret, GANTRY_BOOTSTRAP_TOKEN: token } },
  });
  try {
    for (const manifest of await servedBy(config, manifestsOf(options, runs))) await objects.create(manifest);
  } catch (error) {
    // The runs' namespace may not have been made yet.
    for (const each of [runs, name]) await core.deleteNamespace({ name: each }).catch(console.error);
    throw error;
  }

  /** Asks a ready replica; another one while that does not answer, as a service in front of them does. */
  const call = async (route: string, init: CallInit = {}): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json',
      ...init.headers,
    };
    for (let left = limitSeconds; left > 0; left -= 1) {
      for (const address of await readyAddresses()) {
        const answer = await fetch(`http://${address}:3000${route}`, { ...init, headers }).catch(() => null);
        if (answer && answer.status < 500) return answer;
      }
      await sleep(1_000);
    }
    throw new Error(`no control plane answered ${route}`);
  };
  const readyAddresses = async () => {
    const { items } = await core.listNamespacedPod(selector);
    return items
      .filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      .flatMap(({ status }) => status?.podIP ?? []);
  };
  const read = async (id: string) => (await (await call(`/api/v1/executions/${id}`)).json()) as Execution;
  const until = async <T>(what: string, ask: () => Promise<T | null>): Promise<T> => {
    for (let left = limitSeconds; left > 0; left -= 1) {
      const found = await ask();
      if (found !== null) return found;
      await sleep(1_000);
    }
    throw new Error(`${what}: not within ${limitSeconds} s`);
  };

  return {
    async untilRolledOut(image) {
      await until(`two replicas of ${image}`, async () => {
        const { items } = await core.listNamespacedPod(selector);
        const ready = await readyAddresses();
        const isAll = items.length === 2 && items.every(({ spec }) => spec?.containers[0]?.image === image);
        return isAll && ready.length === 2 ? true : null;
      });
    },
    async killOne() {
      const { items } = await core.listNamespacedPod(selector);
      const pod = items[0]?.metadata?.name ?? '';
      await core.deleteNamespacedPod({ namespace: name, name: pod, gracePeriodSeconds: 0 });
    },
    async roll(image) {
      const deployment = await apps.readNamespacedDeployment({ namespace: name, name });
      const container = deployment.spec?.template.spec?.containers[0];
      if (container) container.image = image;
      await apps.replaceNamespacedDeployment({ namespace: name, name, body: deployment });
    },
    async launch(suiteId) {
      // With a key: an answer that is lost with its replica makes no second execution.
      const key = randomBytes(8).toString('hex');
      const body = JSON.stringify({ suiteId, profile: 'default', backend: 'kubernetes' });
      const answer = await call('/api/v1/executions', {
        ...{ method: 'POST', body },
        headers: { 'idempotency-key': key },
      });
      if (answer.status !== 201) throw new Error(`${suiteId}: ${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as Execution).id;
    },
    async untilStepRuns(id) {
      await until(`a step of ${id} runs`, async () =>
        (await read(id)).steps.some(({ status }) => status === 'running') ? true : null,
      );
    },
    untilFinished: (id) =>
      until(`the end of ${id}`, async () => {
        const { finishedAt, status } = await read(id);
        return finishedAt === null ? null : status;
      }),
    async explain(id) {
      const { cause, steps } = await read(id);
      return JSON.stringify({
        cause,
        steps: steps.map(({ id, status, result }) => ({ id, status, result })),
      });
    },
    async eventSeqs(id) {
      const answer = await call(`/api/v1/executions/${id}/events?after=0&limit=1000`);
      return ((await answer.json()) as { items: ExecutionEvent[] }).items.map(({ seq }) => seq);
    },
    async podsOfSteps() {
      const { items } = await core.listNamespacedPod({ namespace: runs });
      return items.map(({ metadata }) => metadata?.name ?? '');
    },
    async remove() {
      for (const each of [runs, name]) await core.deleteNamespace({ name: each });
      // Images cannot be removed before their containers.
      await until('the namespaces are gone', async () => {
        const { items } = await core.listNamespace();
        return items.some(({ metadata }) => [runs, name].includes(metadata?.name ?? '')) ? null : true;
      });
    },
  };
}

/** The chart, and what a test cluster wants beside it: suites of this machine, and its API server by a way around. */
function manifestsOf({ name, image, suites, apiServer }: ReleaseOptions, runs: string): Manifest[] {
  const [repository = '', tag = ''] = image.split(':');
  const values = {
    image: { repository, tag, pullPolicy: 'IfNotPresent' },
    runs: { namespace: runs, createNamespace: true },
    suites: { volume: { hostPath: { path: path.resolve(suites) } } },
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
  };
  return renderChart(chart, values, { name, namespace: name }).map((manifest) => {
    if (manifest.kind !== 'Deployment') return manifest;
    const changed = structuredClone(manifest) as Manifest & { spec: DeploymentSpec };
    const { spec } = changed.spec.template;
    spec.hostAliases = [{ ip: apiServer.address, hostnames: [apiServerName] }];
    spec.containers[0]?.env.push(
      { name: 'KUBERNETES_SERVICE_HOST', value: apiServerName },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(apiServer.port) },
    );
    return changed;
  });
}

interface CallInit {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

interface DeploymentSpec {
  template: {
    spec: { hostAliases?: unknown; containers: { env: { name: string; value: string }[] }[] };
  };
}

/** Namespaces first. A cluster before 1.21 has no policy/v1. */
async function servedBy(config: KubeConfig, manifests: Manifest[]): Promise<Manifest[]> {
  const { groups } = await config.makeApiClient(ApisApi).getAPIVersions();
  const versions = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
  const served = manifests.filter(({ apiVersion }) => ['v1', ...versions].includes(apiVersion));
  const rank = ({ kind }: Manifest) => (kind === 'Namespace' ? 0 : 1);
  return served.sort((a, b) => rank(a) - rank(b));
}
