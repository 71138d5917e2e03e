import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCluster } from '@/lib/backends/kubernetes/check';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import type { ServiceAddress } from '@/lib/model/step-spec';
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
    'can do all in %s',
    async (where) => {
      const account = where === 'a namespace that is given' ? shared : own;
      const steps = await openKubernetesSteps(installation, {
        kubeconfig: { from: 'inline', text: account.kubeconfig },
        namespace: account === shared ? shared.namespace : null,
      });
      const { backend } = steps.harness;
      expect(await backend.check()).toMatchObject({ available: true });
      const { step, watched } = await steps.start(serves, {
        services,
        node: {
          id: 'inner/api',
          kind: 'service',
          ports: [8080],
          ready: { probe: { type: 'tcp', port: 8080 }, intervalMs: 100, timeoutMs: 60_000 },
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
      expect(await backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
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
      const isOptional = missing.apiGroups.includes('metrics.k8s.io');
      await expect
        .poll(() => checkCluster({ cluster }, settings), { timeout: 20_000 })
        .toMatchObject(isOptional ? { available: true, detail: named } : { available: false, reason: named });
    }
    await account.setRules(account.rules);
    await expect
      .poll(() => checkCluster({ cluster }, settings), { timeout: 20_000 })
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
