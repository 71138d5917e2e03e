import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { checkCluster } from '@/lib/backends/kubernetes/check';
import { podName, selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import type { ServiceAddress, StepSpec } from '@/lib/model/step-spec';
import { openCountingProxy } from '../support/counting-proxy';
import { describeWith } from '../support/requirements';
import { watchStep } from './contract/contract-run';
import { makeRestrictedAccount } from './kubernetes-account';
import { leftovers, testCluster, testSettings } from './kubernetes-harness';
import { openKubernetesSteps } from './kubernetes-steps';

type Account = Awaited<ReturnType<typeof makeRestrictedAccount>>;

const services: ServiceAddress[] = [{ stepId: 'inner/api', name: 'api', ports: [8080] }];
const serves = `
  require('http').createServer((_, response) => response.end('hello')).listen(8080);
  process.on('SIGTERM', () => process.exit(0));`;
const calls = `
  fetch('http://api:8080').then(async (response) => {
    console.log(await response.text());
    require('fs').writeFileSync(process.env.GANTRY_ARTIFACTS + '/a.txt', 'a');
  });`;

describeWith(['docker', 'kubernetes'], 'an account with the printed role and nothing else', () => {
  const installation = 'access-test';
  let shared: Account;
  let own: Account;
  beforeAll(async () => {
    [shared, own] = await Promise.all([makeRestrictedAccount(true), makeRestrictedAccount(false)]);
  });
  afterAll(async () => {
    expect(await leftovers(testCluster(), selectorText(selectorOf(installation)))).toEqual([]);
    await Promise.all([shared.remove(), own.remove()]);
  });

  test.concurrent.each(['a namespace that is given', 'a namespace for each execution'])(
    'can do all in %s, and makes use of each verb of its role',
    async (where) => {
      const account = where === 'a namespace that is given' ? shared : own;
      const proxy = await openCountingProxy(account.kubeconfig);
      const steps = await openKubernetesSteps(installation, {
        kubeconfig: { from: 'inline', text: proxy.kubeconfig },
        namespace: account === shared ? shared.namespace : null,
      });
      const { backend } = steps.harness;
      // Nodes are in no namespace: a Role does not let anybody look at them.
      const words = account === shared ? /^Kubernetes [\d.]+, namespace / : /^Kubernetes [\d.]+, \w+ \S+, a /;
      expect(await backend.check()).toMatchObject({
        available: true,
        detail: expect.stringMatching(words),
      });
      const { step, watched } = await steps.start(serves, {
        services,
        node: {
          id: 'inner/api',
          kind: 'service',
          ports: [8080],
          ready: { probes: [{ type: 'tcp', port: 8080 }], forMs: 0, intervalMs: 100, timeoutMs: 60_000 },
        },
      });
      await watched.until((each) => each.calls.includes('ready'));
      const caller = watchStep(backend, {
        ...step,
        stepId: 'caller',
        secrets: { TOKEN: 'secret' },
        node: {
          ...step.node,
          id: 'caller',
          kind: 'task',
          command: ['node', '-e', calls],
          ready: null,
          ports: [],
          exports: [{ path: 'a.txt', format: 'file', on: 'always', required: true }],
        },
      });
      expect(await caller.outcome).toMatchObject({ exitCode: 0 });
      expect(caller.texts()).toEqual(['hello']);
      expect(caller.artifacts).toMatchObject([{ path: 'a.txt', text: 'a' }]);
      watched.stop('not_needed');
      expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 0 });
      const listed = (await backend.listEnvironments()).find((each) => each.executionId === step.executionId);
      expect(listed?.resources.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['pod', 'service', 'secret']),
      );
      await watchStep(steps.harness.another(), step, { resumeAfter: { stdout: 0, stderr: 0 } }).outcome;
      // Another control plane finds what is there already.
      const second = { ...step, stepId: 'second', node: { ...step.node, command: ['/bin/busybox', 'true'] } };
      const { exitCode } = await watchStep(steps.harness.another(), {
        ...second,
        node: { ...second.node, id: 'second', kind: 'task', ready: null, ports: [] },
      }).outcome;
      expect(exitCode).toBe(0);
      await openAgain(backend, step);
      await openAgain(backend, step);
      await backend.renewEnvironment?.(step.executionId, '2099-02-02T00:00:00.000Z');
      await backend.readUsage?.(step.executionId, podName(step));
      const waits = ready({ type: 'tcp', port: 9 }, 1_500);
      const late = watchStep(backend, {
        ...step,
        stepId: 'late',
        node: { ...step.node, id: 'late', command: ['/bin/busybox', 'sleep', '100'], ready: waits },
      });
      expect(await late.outcome).toMatchObject({ ended: 'not_ready' });
      expect(await backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
      await proxy.close();
      const used = new Set(proxy.requests.map(verbOf));
      expect(account.rules.flatMap(verbsOf).filter((verb) => !used.has(verb))).toEqual([unseen]);
    },
  );

  test.each(['Role', 'ClusterRole'])('is told each rule of its %s that it lacks', async (kind) => {
    const account = kind === 'Role' ? shared : own;
    const settings = testSettings({
      kubeconfig: { from: 'inline', text: account.kubeconfig },
      namespace: account === shared ? shared.namespace : null,
    });
    const cluster = testCluster(settings);
    for (const missing of account.rules) {
      await account.setRules(account.rules.filter((rule) => rule !== missing));
      const named = expect.stringContaining(`${missing.verbs[0]} ${missing.resources[0]} `);
      const isOptional =
        missing.apiGroups.includes('metrics.k8s.io') ||
        (missing.verbs.join() === 'list' && !missing.resources.includes('events'));
      await expect
        .poll(() => checkCluster({ cluster }, settings), { timeout: 60_000 })
        .toMatchObject(isOptional ? { available: true, detail: named } : { available: false, reason: named });
    }
    await account.setRules(account.rules);
    await expect
      .poll(() => checkCluster({ cluster }, settings), { timeout: 60_000 })
      .toMatchObject({ available: true });
  });

  test('is told that nobody answers', async () => {
    const text = shared.kubeconfig.replace(/https:\/\/[^"\s,]+/, 'https://127.0.0.1:1');
    const settings = testSettings({ kubeconfig: { from: 'inline', text } });
    expect(await checkCluster({ cluster: testCluster(settings) }, settings)).toEqual({
      available: false,
      reason: 'The cluster cannot be reached: its API server does not listen (connection refused).',
    });
  });
});

/** Kubernetes asks for it, from 1.35 on, when a WebSocket is opened, which is a GET. */
const unseen = 'create /pods/exec';

/** `get pods/log`, as rules have it. */
function verbOf(request: string): string {
  const [method = '', target = ''] = request.split(' ');
  const { pathname, searchParams } = new URL(target, 'http://cluster');
  const [, group = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/v1(?:beta1)?\/(.*)$/.exec(pathname) ?? [];
  const [resource = '', name, subresource] = rest.replace(/^namespaces\/[^/]+\/(?=.)/, '').split('/');
  const reading = searchParams.has('watch') ? 'watch' : name === undefined ? 'list' : 'get';
  const verb = { POST: 'create', PATCH: 'patch', DELETE: 'delete', PUT: 'update' }[method] ?? reading;
  return `${verb} ${group}/${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

function verbsOf({ apiGroups, resources, verbs }: Account['rules'][number]): string[] {
  return verbs.map((verb) => `${verb} ${apiGroups[0]}/${resources[0]}`);
}

function ready(probe: { type: 'tcp'; port: number }, timeoutMs: number) {
  return { probes: [probe], forMs: 0, intervalMs: 100, timeoutMs };
}

function openAgain(backend: Backend, { executionId, deadline }: StepSpec): Promise<void> {
  const demands = [{ cpu: null, memoryBytes: null, attempts: 9 }];
  const whole = { suiteId: 'faults', profile: 'default', owner: 'test', deadline, services };
  return backend.openEnvironment({ executionId, ...whole, demands });
}
