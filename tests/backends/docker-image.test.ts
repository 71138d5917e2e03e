import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { explainRefusal, whyNotOnProcess } from '@/lib/backends/process/can-run-on-process';
import { toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { type ContainerOptions, noContainerOptions } from '@/lib/model/container-options';
import type { PlannedNode } from '@/lib/model/node';
import type { StepSpec } from '@/lib/model/step-spec';
import { buildImage } from '../support/build-image';
import { makePlan, makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness, quietLogger } from './docker-harness';
import { openFailingRegistry } from './failing-registry';

const image = 'gantry-test/words:1';
const packages = createPackages();
const packageDigest = packages.add(packageFiles);
/** Waits until the signal comes, and leaves a file then. */
const untilStopped = (signal: string) =>
  `trap "echo got ${signal}; id -u > $GANTRY_ARTIFACTS/stopped; exit 0" ${signal}; echo up; while true; do sleep 0.1; done`;
const lookUp =
  "for (const name of ['step', 'DB_Main', 'db.example']) console.log((await (await import('node:dns/promises')).lookup(name)).address)";
const speaks = `echo $(id -u) in $(pwd): "$@"; [ "$1" = wait ] || exit 0; ${untilStopped('QUIT')}`;

describeWith('docker', "An image's own words", () => {
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, 'docker-image-test');
    await buildImage(
      harness.docker,
      image,
      `FROM ${toolboxImage}
USER 4242
WORKDIR /made
STOPSIGNAL SIGQUIT
ENTRYPOINT ${JSON.stringify(['sh', '-c', speaks, 'sh'])}
CMD ["hello", "image"]`,
    );
  });
  afterEach(async () => {
    for (const id of opened) expect((await harness.backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
  });
  afterAll(() => harness.docker.getImage(image).remove({ force: true }));

  async function start(
    container: Partial<ContainerOptions>,
    node: Partial<PlannedNode> = {},
    { secrets = {}, namedImage }: Partial<Pick<StepSpec, 'secrets' | 'namedImage'>> = {},
  ) {
    const executionId = newExecutionId();
    opened.push(executionId);
    await harness.backend.openEnvironment({
      executionId,
      suiteId: 'suite',
      profile: 'default',
      owner: 'owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    const options = { ...noContainerOptions, ...container };
    const step = { id: 'step', image, packageDigest, command: null, container: options, ...node };
    const spec = makeStepSpec({ executionId, secrets, node: step });
    return watchStep(harness.backend, namedImage === undefined ? spec : { ...spec, namedImage });
  }

  test.each<[string, Partial<ContainerOptions>, string]>([
    ['its entry point, command, user and working folder', {}, '4242 in /made: hello image'],
    ['arguments in the place of its command', { args: ['a', 'b  c'] }, '4242 in /made: a b  c'],
    ['another entry point without its command', { entrypoint: ['echo', 'x'] }, 'x'],
    ['another entry point with arguments', { entrypoint: ['echo', 'x'], args: ['y'] }, 'x y'],
    ['a user by name', { user: 'user' }, '1000 in /made: hello image'],
    ['a user by number', { user: '0:0' }, '0 in /made: hello image'],
    ['itself as the first process', { init: false, entrypoint: ['sh', '-c', 'echo $$'] }, '1'],
    ['an init process before it', { entrypoint: ['sh', '-c', 'test $$ -ne 1 && echo later'] }, 'later'],
  ])('run with %s', async (_, container, printed) => {
    const watched = await start(container);
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(watched.texts()).toEqual([printed]);
  });

  test('put files of the package elsewhere, and leave the folders of the image as they are', async () => {
    const files = [
      { path: '/etc/app/tool', from: 'bin/tool.sh', mode: null },
      { path: '/made/deep/bin', from: 'bin', mode: 0o600 },
      { path: '/tmp/hello.txt', from: 'hello.txt', mode: 0o640 },
    ];
    const script =
      'stat -c "%a %u %n" /tmp /made /etc/app /etc/app/tool /made/deep /made/deep/bin/tool.sh /tmp/hello.txt; cmp /etc/app/tool /suite/bin/tool.sh';
    const watched = await start({ files, entrypoint: ['sh', '-c', script], user: 'root' });
    expect(await watched.outcome).toMatchObject({ exitCode: 0 });
    expect(watched.texts()).toEqual([
      '1777 0 /tmp',
      '755 0 /made',
      '755 0 /etc/app',
      '755 0 /etc/app/tool',
      '755 0 /made/deep',
      '600 0 /made/deep/bin/tool.sh',
      '640 0 /tmp/hello.txt',
    ]);
    const missing = await start({ files: [{ path: '/a', from: 'nothing', mode: null }] });
    await expect(missing.outcome).rejects.toThrow('the package has no file or folder nothing for /a');
  });

  test('give a container file systems in memory, a name of its own and addresses', async () => {
    const script =
      'grep -E " (/cache|/dev/shm) " /proc/mounts | sed -E "s/^[^ ]+ ([^ ]+ [^ ]+) .*size=(65536k|131072k).*|^[^ ]+ ([^ ]+ [^ ]+).*/\\1\\3 \\2/"; hostname; grep pay /etc/hosts';
    const watched = await start({
      tmpfs: ['/cache'],
      shmBytes: 128 * 2 ** 20,
      hostname: 'queue-1',
      extraHosts: { 'pay.example': '203.0.113.7' },
      entrypoint: ['sh', '-c', script],
    });
    await watched.outcome;
    expect(
      watched
        .texts()
        .map((line) => line.trim())
        .sort(),
    ).toEqual(['/cache tmpfs', '/dev/shm tmpfs 131072k', '203.0.113.7\tpay.example', 'queue-1']);
  });

  test('give a container limits and settings of the kernel', async () => {
    const script =
      'ulimit -Sn; ulimit -Hn; ulimit -Sc; cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/ip_unprivileged_port_start';
    const watched = await start({
      ulimits: { nofile: { soft: 256, hard: 512 }, core: { soft: 0, hard: 0 } },
      sysctls: { 'net.core.somaxconn': '77' },
      entrypoint: ['sh', '-c', script],
    });
    await watched.outcome;
    expect(watched.texts()).toEqual(['256', '512', '0', '77', '0']);
  });

  test('keep the file system of the image from being written, but not its folder for artifacts', async () => {
    const script =
      'exec 2>&1; echo x > /tmp/a; echo y > /cache/b && cat /cache/b; echo z > $GANTRY_ARTIFACTS/c && echo kept';
    const watched = await start(
      { readOnly: true, tmpfs: ['/cache'], entrypoint: ['sh', '-c', script] },
      { exports: [{ path: 'c', format: 'file', on: 'always', required: true }] },
    );
    expect(await watched.outcome).toMatchObject({ exitCode: 0 });
    expect(watched.texts()).toEqual(["sh: can't create /tmp/a: Read-only file system", 'y', 'kept']);
    expect(watched.artifacts).toMatchObject([{ path: 'c' }]);
    const bare = await start({
      readOnly: true,
      entrypoint: ['sh', '-c', 'echo z > $GANTRY_ARTIFACTS/c && echo kept'],
    });
    await bare.outcome;
    expect(bare.texts()).toEqual(['kept']);
  });

  test('take an image of the platform that the step asks for alone', async () => {
    const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const other = own === 'arm64' ? 'amd64' : 'arm64';
    const watched = await start({ platform: `linux/${own}`, args: ['x'] });
    await watched.outcome;
    expect(watched.texts()).toEqual(['4242 in /made: x']);
    const none = await start({ platform: `linux/${other}` }, { pull: 'never' });
    await expect(none.outcome).rejects.toThrow(
      `The image ${image} is not there: the one on this Docker daemon is made for linux/${own}, not for linux/${other} and the step says pull: never.`,
    );
  });

  test('share volumes with other steps of the execution, which end with it', async () => {
    const volumes = [{ path: '/made', name: 'nested/Data_1', readOnly: false }];
    const writer = await start({ volumes, user: 'root', entrypoint: ['sh', '-c', 'echo hello > /made/a'] });
    expect(await writer.outcome).toMatchObject({ exitCode: 0 });
    const executionId = opened.at(-1) ?? '';
    const reader = await watchStep(
      harness.backend,
      makeStepSpec({
        executionId,
        node: {
          id: 'reader',
          packageDigest,
          command: ['sh', '-c', 'exec 2>&1; cat /data/a; echo x > /data/b'],
          container: {
            ...noContainerOptions,
            volumes: [{ path: '/data', name: 'nested/Data_1', readOnly: true }],
          },
        },
      }),
    );
    await reader.outcome;
    expect(reader.texts()).toEqual(['hello', "sh: can't create /data/b: Read-only file system"]);
    const name = `gantry-${executionId}-volume-nested.Data_1`;
    const environments = await harness.backend.listEnvironments();
    const environment = environments.find((each) => each.executionId === executionId);
    expect(environment?.resources).toContainEqual(expect.objectContaining({ kind: 'volume', name }));
    const removed: string[] = [];
    const receipt = await harness.backend.closeEnvironment(executionId, (resource) =>
      removed.push(resource.name),
    );
    expect(receipt.left).toEqual([]);
    expect(removed).toContain(name);
  });

  test('be reached by further names, and miss what the machine does not have', async () => {
    const watched = await start({ aliases: ['DB_Main', 'db.example'], entrypoint: ['sh', '-c', 'sleep 30'] });
    const executionId = opened.at(-1) ?? '';
    const asker = await watchStep(
      harness.backend,
      makeStepSpec({
        executionId,
        node: { id: 'asker', packageDigest, command: ['node', '--input-type=module', '-e', lookUp] },
      }),
    );
    await asker.outcome;
    const [address, ...others] = asker.texts();
    expect(address).toMatch(/^10\.\d+\.\d+\.\d+$/);
    expect(others).toEqual([address, address]);
    watched.stop('not_needed');
    await watched.outcome;
    const missing = await start({ gpus: 1 });
    await expect(missing.outcome).rejects.toThrow(/could not be started: .*gpu/);
  });

  test('read secrets from files, of which the engine tells nothing', async () => {
    const script =
      'cat /run/secrets/TOKEN; echo; stat -c "%a %u" /run/secrets/TOKEN; echo "[$TOKEN] [$OTHER]"; exec sleep 60';
    const watched = await start(
      { secretFiles: ['TOKEN'], readOnly: true, tmpfs: ['/run'], entrypoint: ['sh', '-c', script] },
      {},
      { secrets: { TOKEN: 's3cr3t-file', OTHER: 's3cr3t-variable' } },
    );
    await watched.until(({ texts }) => texts().length === 3);
    expect(watched.texts()).toEqual(['s3cr3t-file', '444 0', '[] [s3cr3t-variable]']);
    const told = await harness.docker.getContainer(`gantry-${opened.at(-1)}-step-1`).inspect();
    expect(JSON.stringify(told)).not.toContain('s3cr3t-file');
    watched.stop('not_needed');
    await watched.outcome;
  });

  test('tell which image it was', async () => {
    const own = await harness.docker.getImage(image).inspect();
    const watched = await start({ args: ['x'] });
    expect((await watched.outcome).image).toEqual({
      name: image,
      id: own.Id,
      digest: null,
      platform: `linux/${own.Architecture}`,
    });
  });

  test('go by their names where the registry has the pinned one no more, which is a warning', async () => {
    const registry = await openFailingRegistry();
    onTestFinished(registry.close);
    registry.answers = [{ status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } }];
    const pinned = `${registry.host}/words@sha256:${'a'.repeat(64)}`;
    const watched = await start({ args: ['x'] }, { image: pinned }, { namedImage: image });
    const outcome = await watched.outcome;
    const warning = expect.stringMatching(
      new RegExp(
        `^It runs ${image} as that is now, for the image of the run before cannot be had: .*${pinned}`,
      ),
    );
    expect(outcome).toMatchObject({ exitCode: 0, image: { name: image, digest: null }, warnings: [warning] });
    expect(watched.texts()).toEqual(['4242 in /made: x']);
    expect(watched.texts('system')).toContainEqual(warning);
    const unnamed = await start({}, { image: pinned });
    await expect(unnamed.outcome).rejects.toThrow(/^(?!.*Did you mean)/);
    // It may have the image all the same.
    registry.answers = [{ status: 401, body: { errors: [{ code: 'UNAUTHORIZED' }] } }];
    const refused = await start({}, { image: pinned }, { namedImage: image });
    await expect(refused.outcome).rejects.toThrow(`The image ${pinned} may not be pulled`);
  });

  test.each([
    ['gantry-test/word:1', 'gantry-test/words:1'],
    ['gantry-test/words:2', 'gantry-test/words:1'],
  ])('are called by their names: %s', async (name, meant) => {
    const watched = await start({}, { image: name, pull: 'never' });
    await expect(watched.outcome).rejects.toThrow(
      `The image ${name} is not there: it is not on this Docker daemon and the step says pull: never. Did you mean ${meant}, which is here?`,
    );
    const far = await start({}, { image: 'nothing-like-it:1', pull: 'never' });
    await expect(far.outcome).rejects.toThrow(/says pull: never\.$/);
  });

  const toFile = { exports: [{ path: 'stopped', format: 'file', on: 'always', required: true }] } as const;
  const stepsDown = `exec su user -c '${untilStopped('TERM')}'`;

  test.each<[string, string, string, Partial<ContainerOptions>, Partial<PlannedNode>]>([
    ['its own signal', 'SIGQUIT', '4242', { args: ['wait'] }, {}],
    [
      "the step's signal",
      'SIGUSR1',
      '4242',
      { stopSignal: 'SIGUSR1', entrypoint: ['sh', '-c', untilStopped('USR1')] },
      {},
    ],
    [
      "the step's signal for a command of the suite",
      'SIGINT',
      '4242',
      { stopSignal: 'SIGINT' },
      { command: ['sh', '-c', untilStopped('INT')] },
    ],
    [
      'SIGTERM for a command of the suite that changes its user',
      'SIGTERM',
      '1000',
      { user: 'root' },
      { command: ['sh', '-c', stepsDown] },
    ],
    [
      'a signal that reaches an entry point which has changed its user',
      'SIGTERM',
      '1000',
      { user: 'root', stopSignal: 'SIGTERM', entrypoint: ['sh', '-c', stepsDown] },
      {},
    ],
  ])('stop by %s', async (_, signal, user, container, node) => {
    const exports = [...toFile.exports];
    const watched = await start(container, { kind: 'service', exports, ...node });
    await watched.until(() => watched.texts().includes('up'));
    watched.stop('not_needed', 8_000);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 0, reason: null });
    expect(watched.artifacts).toMatchObject([{ path: 'stopped', text: `${user}\n` }]);
    expect(watched.texts('system')).toContain(`stopping with ${signal}, 8 s of grace`);
  });
});

describe('the keys of containers', () => {
  const plan = makePlan({
    nodes: [
      { id: 'db', container: { ...noContainerOptions, user: 'root', stopSignal: 'SIGINT' } },
      { id: 'api' },
      { id: 'queue', container: { ...noContainerOptions, args: ['a'] } },
    ],
  });

  it('are refused by name where steps are processes of this machine', () => {
    expect(explainRefusal(plan.nodes)).toBe(
      'These steps cannot run as a process of this machine: db (has the key "user", which is for containers), queue (has the key "args", which is for containers). Choose a backend with containers.',
    );
  });

  it('are refused with the capabilities of a step', () => {
    const [node] = makePlan({ nodes: [{ id: 'tool', capabilities: ['NET_RAW'] }] }).nodes;
    expect(node && whyNotOnProcess(node)).toBe('has the key "capabilities", which is for containers');
    const [bare] = makePlan({ nodes: [{ id: 'tool', capabilities: 'none' }] }).nodes;
    expect(bare && whyNotOnProcess(bare)).toBe('has the key "capabilities", which is for containers');
  });

  it('are refused by name on Kubernetes', () => {
    const { refuses } = createKubernetesBackend(
      { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage },
      { id: 'kubernetes', installation: 'none', settings: null },
    );
    expect(refuses?.(plan)).toBe(
      'Kubernetes does not have these keys of steps: db (`user` by name: a number is possible). Leave them out, or choose a backend on Docker.',
    );
    const sysctls = { 'net.ipv4.tcp_syncookies': '1', 'kernel.sem': '1 1 1 1' };
    const files = [{ path: '/a', from: 'a', mode: 0o600 }];
    const part = { id: 'web', container: { ...noContainerOptions, sysctls, files } };
    expect(refuses?.(makePlan({ nodes: [part] }))).toBe(
      'Kubernetes does not have these keys of steps: web (`mode` of `files`, `kernel.sem` of `sysctls`). Leave them out, or choose a backend on Docker.',
    );
    expect(refuses?.(makePlan())).toBeNull();
  });
});
