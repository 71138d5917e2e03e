import { createHash, randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { toolboxImage } from '@/lib/cli/toolbox';
import { noContainerOptions } from '@/lib/model/container-options';
import { podTemplate } from '@/lib/model/pod-template';
import { describeWith } from '../support/requirements';
import { watchStep } from './contract/contract-run';
import { leftovers, loadImage, testCluster } from './kubernetes-harness';
import { openKubernetesSteps } from './kubernetes-steps';

// Ten pods at a time on a machine of two cores.
vi.setConfig({ testTimeout: 180_000 });

const installation = 'pods-test';
const ownCommandImage = 'gantry/own-command:test';
const stops = `
  console.log('out as ' + process.getuid()); console.error('err');
  process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(7); });
  setInterval(() => {}, 1000);`;

const nodeAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] },
    ],
  },
};

describeWith(['docker', 'kubernetes'], 'what a pod is made of', () => {
  beforeAll(async () => {
    const docker = new Docker();
    const container = await docker.createContainer({ Image: toolboxImage });
    await container.commit({
      repo: 'gantry/own-command',
      tag: 'test',
      changes: `CMD ${JSON.stringify(['node', '-e', stops.replaceAll('\n', ' ')])}`,
    });
    await container.remove();
    await loadImage(ownCommandImage);
  });
  afterAll(async () => {
    // The kubelet removes the containers of deleted pods in its own time.
    await new Docker().getImage(ownCommandImage).remove({ force: true });
    expect(await leftovers(testCluster(), selectorText(selectorOf(installation)))).toEqual([]);
  });

  test.concurrent('a package of more than one Secret comes whole', async () => {
    // Random, so that it cannot be compressed.
    const content = randomBytes(1_500_000).toString('base64');
    const steps = await openKubernetesSteps(installation, {}, [{ path: 'deep/large.txt', content }]);
    const { step, watched } = await steps.start(`
      const content = require('fs').readFileSync('deep/large.txt');
      console.log(require('crypto').createHash('sha256').update(content).digest('hex'));`);
    expect(await watched.outcome).toMatchObject({ exitCode: 0 });
    expect(watched.texts()).toEqual([createHash('sha256').update(content).digest('hex')]);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('an execution gets what its suite states, and no more', async ({ expect }) => {
    const steps = await openKubernetesSteps(installation);
    const resources = { cpu: 0.1, memoryBytes: 128 * 1024 * 1024, pids: null };
    const node = { resources, command: ['/bin/busybox', 'sleep', '1000'] };
    const step = await steps.open('', { node, demands: [{ ...resources, attempts: 1 }] });
    const { backend, cluster } = steps.harness;
    const quota = `/api/v1/namespaces/gantry-${step.executionId}/resourcequotas/gantry-${step.executionId}`;
    // Before that the cluster does not count.
    await expect
      .poll(() => cluster.request('look', quota))
      .toMatchObject({ status: { hard: { pods: '1', 'requests.cpu': '110m' } } });
    const first = watchStep(backend, step);
    await first.until(({ calls }) => calls.includes('running'));
    await expect(watchStep(backend, { ...step, attempt: 2 }).outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringContaining('exceeded quota'),
    });
    first.stop('cancelled', 0);
    await first.outcome;
    expect(await backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('a container has what its step says about it', async () => {
    const files = [{ path: 'conf/app.conf', content: 'mode = fast' }];
    const steps = await openKubernetesSteps(installation, {}, files);
    const script = `
      const fs = require('fs');
      const mounts = fs.readFileSync('/proc/mounts', 'utf8');
      const typeOf = (place) => new RegExp(' ' + place + ' (\\\\S+)').exec(mounts)?.[1];
      fs.writeFileSync('/cache/a', '');
      let written = 'yes';
      try { fs.writeFileSync('/tmp/a', ''); } catch (error) { written = error.code; }
      console.log([
        process.argv.slice(1).join(' '), typeOf('/cache'), typeOf('/dev/shm'), written,
        fs.readFileSync('/etc/app/app.conf', 'utf8'), fs.readFileSync('/opt/conf/app.conf', 'utf8'),
        fs.readFileSync('/run/secrets/TOKEN', 'utf8'), String(process.env.TOKEN), process.env.OTHER,
        fs.readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().replace(/\\s+/, '-'),
        /203.0.113.7\\s+pay.example/.test(fs.readFileSync('/etc/hosts', 'utf8')),
      ].join('; '));`;
    const container = {
      ...noContainerOptions,
      entrypoint: ['node', '-e', script],
      args: ['a', 'b c'],
      tmpfs: ['/cache'],
      shmBytes: 16 * 2 ** 20,
      readOnly: true,
      files: [
        { path: '/etc/app/app.conf', from: 'conf/app.conf', mode: null },
        { path: '/opt/conf', from: 'conf', mode: null },
      ],
      secretFiles: ['TOKEN'],
      sysctls: { 'net.ipv4.ip_local_port_range': '20000 30000' },
      extraHosts: { 'pay.example': '203.0.113.7' },
    };
    const secrets = { TOKEN: 's3cr3t-file', OTHER: 's3cr3t-variable' };
    const { step, watched } = await steps.start('', { secrets, node: { command: null, container } });
    expect(await watched.outcome).toMatchObject({ exitCode: 0 });
    expect(watched.texts()).toEqual([
      'a b c; tmpfs; tmpfs; EROFS; mode = fast; mode = fast; s3cr3t-file; undefined; s3cr3t-variable; 20000-30000; true',
    ]);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('a service is ready once its own health check passes', async () => {
    const steps = await openKubernetesSteps(installation);
    const healthCheck = {
      argv: ['node', '-e', "process.exit(require('fs').existsSync('/tmp/warm') ? 0 : 1)"],
      intervalMs: 1_000,
      timeoutMs: 5_000,
      retries: 3,
      startPeriodMs: 0,
    };
    const { step, watched } = await steps.start(
      "setTimeout(() => { console.log('warm'); require('fs').writeFileSync('/tmp/warm', ''); }, 3000); setInterval(() => {}, 1000);",
      {
        node: {
          kind: 'service',
          container: { ...noContainerOptions, healthCheck },
          ready: { probes: [{ type: 'healthcheck' }], forMs: 0, intervalMs: 250, timeoutMs: 60_000 },
        },
      },
    );
    await watched.until(({ calls }) => calls.includes('ready'));
    expect(watched.texts()).toEqual(['warm']);
    watched.stop('not_needed', 0);
    expect((await watched.outcome).ended).toBe('stopped');
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('a command of the image itself is run, heard and stopped', async () => {
    const steps = await openKubernetesSteps(installation);
    const { step, watched } = await steps.start('', { node: { command: null, image: ownCommandImage } });
    await watched.until(({ lines }) => lines.length >= 2);
    watched.stop('cancelled', 20_000);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 7 });
    // Kubernetes does not tell the streams of a container apart.
    expect(watched.texts('stdout').sort()).toEqual(['err', 'got SIGTERM', 'out as 1000']);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('pods are as the settings say, with the credentials of registries', async () => {
    const cluster = testCluster();
    const name = `registry-${randomBytes(4).toString('hex')}`;
    const secrets = '/api/v1/namespaces/default/secrets';
    const data = { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') };
    const body = { metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data };
    await cluster.request('make', secrets, { method: 'POST', body });
    try {
      const steps = await openKubernetesSteps(installation, {
        imagePullSecrets: [name],
        imagePullSecretsFrom: 'default',
        pod: podTemplate.parse({
          labels: { team: 'shop', 'gantry/step': 'forged' },
          annotations: { 'example.com/mesh': 'off' },
          env: { HTTP_PROXY: 'http://proxy.example:3128', GANTRY_STEP: 'forged' },
          affinity: { nodeAffinity },
          schedulerName: 'default-scheduler',
        }),
      });
      const { step, watched } = await steps.start(
        `console.log(process.env.HTTP_PROXY, process.env.GANTRY_STEP)`,
        { env: { GANTRY_STEP: 'step' } },
      );
      expect(await watched.outcome).toMatchObject({ exitCode: 0 });
      expect(watched.texts()).toEqual(['http://proxy.example:3128 step']);
      expect(await cluster.request('look', steps.podPath(step))).toMatchObject({
        metadata: {
          labels: { team: 'shop', 'gantry/step': 'step' },
          annotations: { 'example.com/mesh': 'off', 'gantry/deadline': step.deadline },
        },
        spec: {
          schedulerName: 'default-scheduler',
          affinity: { nodeAffinity },
          imagePullSecrets: [{ name }],
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      });
      const copy = `/api/v1/namespaces/gantry-${step.executionId}/secrets/${name}`;
      expect(await cluster.request('look', copy)).toMatchObject({
        type: 'kubernetes.io/dockerconfigjson',
        data,
      });
      expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
    } finally {
      await cluster.request('remove', `${secrets}/${name}`, { method: 'DELETE' });
    }
  });

  test.concurrent('a step may run as the user of its image', async () => {
    const steps = await openKubernetesSteps(installation, { runAsUser: null });
    const { step, watched } = await steps.start(
      `require('fs').writeFileSync(process.env.GANTRY_ARTIFACTS + '/private.txt', 'x', { mode: 0o600 });${stops}`,
      { node: { exports: [{ path: '*.txt', format: 'file', on: 'always', required: true }] } },
    );
    await watched.until(({ lines }) => lines.length >= 2);
    watched.stop('cancelled', 20_000);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 7 });
    expect(watched.texts('stdout')).toEqual(['out as 0', 'got SIGTERM']);
    expect(watched.texts('stderr')).toEqual(['err']);
    expect(watched.artifacts).toEqual([{ path: 'private.txt', format: 'file', text: 'x' }]);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent.each([1000, null])(
    'a step has the user, host name, stop signal and platform that it says, where runAsUser is %s',
    async (runAsUser) => {
      const steps = await openKubernetesSteps(installation, { runAsUser });
      const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
      const asked = { user: '4242:4343', hostname: 'queue-1', stopSignal: 'SIGINT', platform };
      const { step, watched } = await steps.start(
        `require('fs').writeFileSync(process.env.GANTRY_ARTIFACTS + '/private.txt', 'x', { mode: 0o600 });
       process.on('SIGINT', () => { console.log('got SIGINT'); process.exit(7); });
       console.log(process.getuid(), process.getgid(), require('os').hostname());
       require('dns').lookup('step', (_, address) => console.log(address));
       setInterval(() => {}, 1000);`,
        {
          services: [{ stepId: 'step', name: 'step', ports: [] }],
          node: {
            container: { ...noContainerOptions, ...asked },
            exports: [{ path: '*.txt', format: 'file', on: 'always', required: true }],
          },
        },
      );
      await watched.until(() => watched.texts('stdout').length >= 2);
      watched.stop('cancelled', 20_000);
      expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 7, reason: null });
      expect(watched.texts('stdout')).toEqual(['4242 4343 queue-1', '127.0.0.1', 'got SIGINT']);
      expect(watched.texts('system')).toContain('stopping with SIGINT, 20 s of grace');
      expect(watched.artifacts).toEqual([{ path: 'private.txt', format: 'file', text: 'x' }]);
      expect(await steps.harness.cluster.request('look', steps.podPath(step))).toMatchObject({
        spec: { nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': platform.slice(6) } },
      });
      expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
    },
  );
});
