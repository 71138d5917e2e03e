import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ApisApi,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
} from '@kubernetes/client-node';
import { Ajv } from 'ajv';
import { describe, expect, it, vi } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { neededPermissions } from '@/lib/model/kubernetes-permissions';
import { testKubeconfig } from '../backends/kubernetes-harness';
import { describeWith } from '../support/requirements';
import { type Manifest, renderChart, renderTemplate } from './render-chart';

const root = fileURLToPath(new URL('../..', import.meta.url));
const chart = path.join(root, 'deploy/chart');
const read = (file: string) => readFileSync(path.join(chart, file), 'utf8');
const release = { name: 'gantry', namespace: 'gantry' };
const everything = {
  imagePullSecrets: [{ name: 'registry' }],
  replicas: 3,
  env: { GANTRY_LOG_LEVEL: 'debug', GANTRY_MAX_STEPS: '8', ANY: 'a "b" \\ c: {{ d }}' },
  runs: { namespace: 'runs', createNamespace: false },
  suites: { volume: { configMap: { name: 'suites' } } },
  ingress: {
    enabled: true,
    className: 'nginx',
    host: 'gantry.example.com',
    tlsSecretName: 'gantry-tls',
    annotations: { 'example.com/a': 'b' },
  },
  networkPolicy: { enabled: true, from: [{ namespaceSelector: { matchLabels: { role: 'ingress' } } }] },
  podAnnotations: { 'example.com/c': 'd' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'tests', operator: 'Exists' }],
};

const render = (values = {}) => renderChart(chart, values, release);

function find(manifests: Manifest[], kind: string): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  expect(more).toEqual([]);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

describe('The chart', () => {
  it('has values that its schema takes, and refuses those that it would not act on', () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(read('values.schema.json')));
    const defaults = parse(read('values.yaml'));
    expect(validate(defaults), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...defaults, ...everything }), JSON.stringify(validate.errors)).toBe(true);
    for (const wrong of [
      { replica: 3 },
      { replicas: 0 },
      { replicas: '2' },
      { image: { repository: 'gantry' } },
      { env: { GANTRY_MAX_STEPS: 8 } },
      { env: { GANTRY_SUITES: '/elsewhere' } },
      { env: { 'not a name': 'x' } },
      { runs: { namespace: 'Not A Name' } },
      { ingress: { enabled: true } },
      { service: { type: 'Headless', port: 80 } },
    ])
      expect([wrong, validate({ ...defaults, ...wrong })]).toEqual([wrong, false]);
  });

  it('makes of its default values what deploy/kubernetes.yaml has', () => {
    const ours = render();
    const theirs: Manifest[] = parseAllDocuments(
      readFileSync(path.join(root, 'deploy/kubernetes.yaml'), 'utf8'),
    ).map((document) => document.toJS());
    expect(theirs.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'NetworkPolicy',
    ]);
    // Beside it each of the chart's names its release.
    const bare = (manifest: Manifest) => {
      const text = JSON.stringify({ ...manifest, metadata: { ...manifest.metadata, labels: null } });
      return JSON.parse(text.replaceAll(',"app.kubernetes.io/instance":"gantry"', ''));
    };
    for (const manifest of theirs) expect(bare(find(ours, manifest.kind))).toMatchObject(bare(manifest));
  });

  it('gives the control plane the least role, in the namespace of the steps alone', () => {
    const manifests = render({ runs: { namespace: 'runs' } });
    const role = find(manifests, 'Role');
    expect(role.metadata.namespace).toBe('runs');
    expect(role.rules).toEqual(
      neededPermissions({ namespace: 'runs' }).map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs,
      })),
    );
    expect(find(manifests, 'RoleBinding').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'gantry', namespace: 'gantry' },
    ]);
    expect(manifests.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
    expect(find(manifests, 'Namespace').metadata.name).toBe('runs');
  });

  it('acts on every value', () => {
    const manifests = render(everything);
    const { spec } = find(manifests, 'Deployment') as { spec?: unknown };
    expect(spec).toMatchObject({
      replicas: 3,
      template: {
        metadata: { annotations: { 'example.com/c': 'd' } },
        spec: {
          imagePullSecrets: [{ name: 'registry' }],
          nodeSelector: { disk: 'ssd' },
          tolerations: [{ key: 'tests', operator: 'Exists' }],
          containers: [
            {
              env: [
                { name: 'GANTRY_SUITES', value: '/suites' },
                { name: 'GANTRY_KUBECONFIG', value: 'in-cluster' },
                { name: 'GANTRY_KUBERNETES', value: '{"namespace":"runs"}' },
                { name: 'ANY', value: 'a "b" \\ c: {{ d }}' },
                { name: 'GANTRY_LOG_LEVEL', value: 'debug' },
                { name: 'GANTRY_MAX_STEPS', value: '8' },
              ],
            },
          ],
          volumes: [{ name: 'data' }, { name: 'tmp' }, { name: 'suites', configMap: { name: 'suites' } }],
        },
      },
    });
    expect(JSON.stringify(spec)).not.toContain('"name":"suites","emptyDir"');
    expect(find(manifests, 'NetworkPolicy').spec).toMatchObject({
      ingress: [{ from: everything.networkPolicy.from }],
    });
    expect(find(manifests, 'Ingress')).toMatchObject({
      metadata: { annotations: { 'example.com/a': 'b' } },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['gantry.example.com'], secretName: 'gantry-tls' }],
        rules: [{ host: 'gantry.example.com' }],
      },
    });
    expect(manifests.filter(({ kind }) => kind === 'Namespace')).toEqual([]);
    const off = render({ podDisruptionBudget: { enabled: false }, networkPolicy: { enabled: false } });
    expect(off.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Namespace',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
    ]);
  });

  it('puts two releases into one cluster without a name in common', () => {
    const nameOf = ({ kind, metadata: { namespace, name } }: Manifest) => `${kind} ${namespace}/${name}`;
    const first = renderChart(chart, {}, { name: 'one', namespace: 'gantry' }).map(nameOf);
    const second = renderChart(
      chart,
      { runs: { createNamespace: false } },
      { name: 'two', namespace: 'gantry' },
    ).map(nameOf);
    expect(first.filter((name) => second.includes(name))).toEqual([]);
  });

  it('is rendered here only as far as Helm is known to do the same', () => {
    for (const template of [
      '{{ include "x" . }}',
      '{{ .Values.a | b64enc }}',
      '{{ if eq .Values.a 1 }}{{ end }}',
      '{{ .Values.a | default "x" }}',
      '{{ if .Values.a }}',
      '{{ if .Values.a }}{{ else }}{{ else }}{{ end }}',
      '{{ with .Values }}{{ .Values.a }}{{ end }}',
      '{{ .Values.missing }}',
    ])
      expect(() => renderTemplate(template, { Values: { a: 'x' } }), template).toThrow();
  });
});

describeWith('kubernetes', 'The chart on a cluster', () => {
  it('is taken by the API server, whose account may then do what the backend needs and nothing beside it', async () => {
    const config = new KubeConfig();
    config.loadFromFile(testKubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    const objects = KubernetesObjectApi.makeApiClient(config);
    const reviews = config.makeApiClient(AuthorizationV1Api);
    const mark = randomBytes(3).toString('hex');
    const own = { name: `gantry-${mark}`, namespace: `gantry-${mark}` };
    const runs = `runs-${mark}`;
    const values = { ...everything, runs: { namespace: runs, createNamespace: true } };
    const manifests = renderChart(chart, values, own);
    const { groups } = await config.makeApiClient(ApisApi).getAPIVersions();
    const served = [
      'v1',
      ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)),
    ];
    // Clusters before 1.21 have no policy/v1; the chart says that it needs that version.
    const known = manifests.filter(({ apiVersion }) => served.includes(apiVersion));
    expect(manifests.filter((each) => !known.includes(each) && each.kind !== 'PodDisruptionBudget')).toEqual(
      [],
    );
    const isApplied = ({ kind }: Manifest) => /^(Namespace|ServiceAccount|Role|RoleBinding)$/.test(kind);
    try {
      await core.createNamespace({ body: { metadata: { name: own.namespace } } });
      const [namespaces, others] = [true, false].map((is) =>
        known.filter(({ kind }) => (kind === 'Namespace') === is),
      );
      for (const manifest of namespaces ?? []) await objects.create(manifest);
      for (const manifest of others ?? [])
        await objects.create(manifest, undefined, isApplied(manifest) ? undefined : 'All');
      const user = `system:serviceaccount:${own.namespace}:${own.name}`;
      const may = async (namespace: string, verb: string, resource: string) => {
        const spec = { user, resourceAttributes: { namespace, verb, resource } };
        return (await reviews.createSubjectAccessReview({ body: { spec } })).status?.allowed;
      };
      // The cluster's authorizer learns of a new binding in its own time.
      await vi.waitFor(async () => expect(await may(runs, 'create', 'pods')).toBe(true), { timeout: 60_000 });
      expect(await may(runs, 'delete', 'secrets')).toBe(true);
      expect(await may(runs, 'create', 'roles')).toBe(false);
      expect(await may(own.namespace, 'create', 'pods')).toBe(false);
      expect(await may('kube-system', 'get', 'secrets')).toBe(false);
      expect(await may('', 'list', 'nodes')).toBe(false);
    } finally {
      for (const name of [runs, own.namespace]) await core.deleteNamespace({ name });
    }
  });
});
