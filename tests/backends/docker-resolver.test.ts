import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerConfig } from '@/lib/backends/docker/container-config';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { createServiceDirectory } from '@/lib/engine/step-spec';
import { makePlan, makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { leftovers } from './docker-harness';

/** The machine's own while the test runs: Podman's resolver has the address of the network itself. */
const resolverAddress = '10.214.78.53';
const somewhereElse = '203.0.113.7';
const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** Prints what each name is and how long it took to find out. */
const looksUp = `
  const { promises: dns } = require('dns');
  (async () => {
    for (const name of ['api', 'deep-api', 'nobody']) {
      const before = performance.now();
      const address = await dns.lookup(name, 4).then((found) => found.address, (error) => error.code);
      console.log(JSON.stringify({ name, address, ms: performance.now() - before }));
    }
  })();`;

describeWith('docker', 'The names of a nested suite, beside a resolver of the machine', () => {
  const docker = new Docker();
  const name = `gantry-resolver-${randomBytes(4).toString('hex')}`;
  const label = { label: [`gantry.suite=${name}`] };
  const plan = makePlan({
    nodes: [
      { id: 'left/api', kind: 'service', ports: [80] },
      { id: 'left/deep/api', kind: 'service', ports: [80] },
    ],
  });
  const directory = createServiceDirectory(plan);
  let network: Docker.Network;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    network = await docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      IPAM: { Driver: 'default', Config: [{ Subnet: '10.214.77.0/26' }] },
      Labels: { 'gantry.suite': name },
    });
  });
  afterAll(async () => {
    for (const { Id } of await docker.listContainers({ all: true, filters: label }))
      await docker.getContainer(Id).remove({ force: true });
    await network.remove();
    await docker
      .getVolume(name)
      .remove({ force: true })
      .catch(() => undefined);
    expect(await leftovers(docker, `gantry.suite=${name}`)).toEqual([]);
  });

  /** A container as the backend makes it, but for the resolver that its engine asks. */
  async function start(stepId: string, source: string): Promise<Docker.Container> {
    const spec = makeStepSpec({
      executionId: name,
      suite: { id: name, title: name, repository: null, version: null },
      stepId,
      services: directory.visibleTo(stepId),
      node: { image: toolboxImage, command: ['node', '-e', source] },
    });
    const volumes = { package: name, stepInit: null };
    const names = {
      installation: name,
      owner: null,
      network: name,
      volumes,
      hardening: 'standard',
    } as const;
    const config = containerConfig(spec, names, 'Docker');
    const container = await docker.createContainer({
      ...config,
      HostConfig: { ...config.HostConfig, Dns: [resolverAddress] },
    });
    await container.start();
    return container;
  }

  async function addressOf(container: Docker.Container): Promise<string | undefined> {
    return (await container.inspect()).NetworkSettings.Networks[name]?.IPAddress;
  }

  describe.skipIf(!isRoot)(
    `of an address of its own${isRoot ? '' : ' [skipped: only root may give the machine one]'}`,
    () => {
      beforeAll(async () => void (await run('ip', ['address', 'add', `${resolverAddress}/32`, 'dev', 'lo'])));
      afterAll(async () => void (await run('ip', ['address', 'del', `${resolverAddress}/32`, 'dev', 'lo'])));

      test.each(['answers every name', 'is silent'])("are the suite's where the resolver %s", async (how) => {
        const asked: string[] = [];
        let resolver: Socket | null = null;
        try {
          const waits = 'setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(0))';
          const services = [await start('left/api', waits), await start('left/deep/api', waits)];
          const [api, deep] = await Promise.all(services.map(addressOf));
          resolver = await listen((question) => {
            asked.push(nameIn(question));
            return how === 'is silent' ? null : answerTo(question, somewhereElse);
          });
          const asker = await start('left/ask', looksUp);
          await asker.wait();
          const log = await asker.logs({ stdout: true, stderr: true });
          const found = log
            .toString('utf8')
            .split('\n')
            .flatMap((line) => /\{.*\}/.exec(line)?.[0] ?? [])
            .map((line): { name: string; address: string; ms: number } => JSON.parse(line));
          expect(found.slice(0, 2)).toMatchObject([{ address: api }, { address: deep }]);
          // A resolver that is asked and silent takes eight seconds.
          for (const { ms } of found.slice(0, 2)) expect(ms).toBeLessThan(5_000);
          expect(asked.some((each) => each === 'api' || each === 'deep-api')).toBe(false);
        } finally {
          resolver?.close();
          for (const { Id } of await docker.listContainers({ all: true, filters: label }))
            await docker.getContainer(Id).remove({ force: true });
        }
      });
    },
  );
});

async function listen(answer: (question: Buffer) => Buffer | null): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const said = answer(question);
    if (said) socket.send(said, port, address);
  });
  socket.bind(53, resolverAddress);
  await once(socket, 'listening');
  return socket;
}

/** The first question of a DNS message: labels with their lengths before them. */
function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; (question[at] ?? 0) > 0; at += (question[at] ?? 0) + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)));
  }
  return labels.join('.');
}

/** An A record for whatever is asked. */
function answerTo(question: Buffer, address: string): Buffer {
  const end = 12 + Buffer.byteLength(nameIn(question)) + 2 + 4;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([header, question.subarray(12, end), record]);
}
