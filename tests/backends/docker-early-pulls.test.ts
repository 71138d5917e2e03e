import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { createDeferred } from '@/lib/engine/deferred';
import type { Execution } from '@/lib/model/execution';
import { startRegistry } from '../dependencies/registry-server';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { buildImage } from '../support/build-image';
import { type RealEngine, startRealEngine } from '../support/real-engine';
import { describeWith } from '../support/requirements';

const docker = new Docker();
const local = 'gantry-test/early:1';
const busy = `first: { kind: task, image: "${toolboxImage}", run: sleep 1000 }`;

describeWith(['docker', 'docker-registry'], 'The images of an execution', () => {
  let gantry: RealEngine;

  beforeAll(() => buildToolbox({ docker, log: () => undefined }));

  /** Launches suites of these steps, in their order. Resolves with the executions. */
  async function launch(...suites: string[]): Promise<string[]> {
    const root = makeRoot();
    for (const [at, steps] of suites.entries())
      makeSuiteFolder(`steps: { ${steps} }`, path.join(root, `s-${at}`));
    const started = await startRealEngine({ suiteRoots: [root] });
    onTestFinished(() => started.close());
    gantry = started;
    const ids: string[] = [];
    for (const at of suites.keys()) {
      const { summary } = await gantry.engine.launch({ suiteId: `s-${at}`, backend: 'local' }, 'test', null);
      ids.push(summary.id);
    }
    return ids;
  }

  async function stateOf(id: string): Promise<Execution> {
    const execution = await gantry.store.executions.get(id);
    if (!execution) throw new Error(`there is no execution ${id}`);
    return execution;
  }

  test('are pulled before the steps that need them, and no step shows it', async () => {
    const { image } = await openGatedRegistry();
    const [id = ''] = await launch(`${busy}, second: { kind: task, image: "${image}", after: first }`);
    await expect.poll(() => isHere(image)).toBe(true);
    expect((await stateOf(id)).steps.map(({ status }) => status)).toEqual([expect.any(String), 'pending']);
    await gantry.engine.cancel(id, 'test');
    expect(await gantry.ended(id)).toMatchObject({ status: 'cancelled', receipt: { left: [] } });
  });

  test('are pulled early also where a build begins with them', async () => {
    const { image } = await openGatedRegistry();
    const dockerfile = JSON.stringify(`FROM ${image}\nENV A=${image}\n`);
    const build = `{ kind: task, build: { dockerfile_inline: ${dockerfile} }, after: first }`;
    const [id = ''] = await launch(`${busy}, second: ${build}`);
    await expect.poll(() => isHere(image)).toBe(true);
    expect((await stateOf(id)).steps.map(({ status }) => status)).toEqual([expect.any(String), 'pending']);
    await gantry.engine.cancel(id, 'test');
    expect(await gantry.ended(id)).toMatchObject({ status: 'cancelled', receipt: { left: [] } });
  });

  test('are pulled once for all who wait, also for a step that comes while they are', async () => {
    const { image, open } = await openGatedRegistry({ isOpen: false });
    const pulls = await watchPulls(image);
    const step = `{ kind: task, image: "${image}", run: [/bin/busybox, "true"] }`;
    const ids = await launch(`step: ${step}`, `step: ${step}, again: ${step}`);
    for (const id of ids) {
      await expect
        .poll(async () =>
          (await stateOf(id)).steps.every(({ attempts }) => attempts[0]?.phase?.name === 'pulling'),
        )
        .toBe(true);
    }
    open();
    for (const id of ids) expect((await gantry.ended(id)).cause).toBeNull();
    await expect.poll(pulls.count).toBeGreaterThan(0);
    expect(pulls.count()).toBe(1);
  });

  test('are not pulled on when the execution is cancelled', async () => {
    const { image, contentWanted, closed } = await openGatedRegistry({ isOpen: false });
    const [id = ''] = await launch(`${busy}, second: { kind: task, image: "${image}", after: first }`);
    await contentWanted;
    await gantry.engine.cancel(id, 'test');
    expect(await gantry.ended(id)).toMatchObject({ status: 'cancelled', receipt: { left: [] } });
    await closed;
    expect(await isHere(image)).toBe(false);
  });

  test('that cannot be pulled fail the step that needs them, when it does, and nothing else', async () => {
    const { host } = await openGatedRegistry();
    const missing = `image: "${host}/team/nothing:1"`;
    const quick = `first: { kind: task, image: "${toolboxImage}", run: "true" }`;
    const [unneeded = '', needed = ''] = await launch(
      `${quick}, idle: { kind: task, ${missing}, on_failure: first }`,
      `${quick}, second: { kind: task, ${missing}, after: first }`,
    );
    expect((await gantry.ended(unneeded)).status).toBe('passed');
    const { steps } = await gantry.ended(needed);
    expect(steps.map(({ status }) => status)).toEqual(['passed', 'errored']);
    expect(steps[1]?.result?.reason).toContain(`The image ${host}/team/nothing:1 is not there`);
  });
});

/**
 * A registry with an image that is nowhere else. It gives the content of images very slowly until it is open. `closed` resolves
 * when somebody gives up waiting for it.
 */
async function openGatedRegistry({ isOpen = true } = {}) {
  const registry = await startRegistry();
  const [hostname, port] = registry.host.split(':');
  const gate = { isOpen };
  const gaveUp = createDeferred();
  const content = createDeferred();
  const proxy = createServer((incoming, answer) => {
    const { method, url = '' } = incoming;
    const isBlob = method === 'GET' && /\/blobs\/sha256:/.test(url);
    const passed = request(
      { hostname, port, method, path: url, headers: incoming.headers },
      async (given) => {
        answer.writeHead(given.statusCode ?? 500, given.headers);
        // A configuration is small, and comes at once.
        if (!isBlob || Number(given.headers['content-length']) < 100_000) return given.pipe(answer);
        answer.once('close', () => {
          if (!answer.writableFinished) gaveUp.resolve();
        });
        content.resolve();
        for await (const chunk of given) await trickle(answer, chunk, gate);
        return answer.end();
      },
    );
    passed.once('error', () => answer.destroy());
    incoming.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    gate.isOpen = true;
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  const host = `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  const image = `${host}/team/early:1`;
  await buildImage(docker, local, dockerfileOf(host));
  await docker.getImage(local).tag({ repo: `${host}/team/early`, tag: '1' });
  const pushed = await docker.getImage(image).push({ authconfig: {} });
  await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
  for (const name of [image, local]) await docker.getImage(name).remove({ force: true });
  onTestFinished(async () => {
    if (await isHere(image)) await docker.getImage(image).remove({ force: true });
  });
  return {
    host,
    image,
    contentWanted: content.wait,
    open() {
      gate.isOpen = true;
    },
    closed: gaveUp.wait,
  };
}

/** Writes very slowly while the gate is closed: Docker gives up a pull only when something comes. */
async function trickle(answer: ServerResponse, chunk: Uint8Array, gate: { isOpen: boolean }): Promise<void> {
  for (let at = 0; at < chunk.length && !answer.destroyed; ) {
    const end = gate.isOpen ? chunk.length : at + 100;
    answer.write(chunk.subarray(at, end));
    at = end;
    if (!gate.isOpen) await pause(50);
  }
}

/** With the name of its registry in its variables, its content is new to the engine. */
const dockerfileOf = (host: string) =>
  `FROM scratch\nENV HOST=${host}\nCOPY --from=${toolboxImage} /bin/busybox /bin/busybox\nCMD ["/bin/busybox", "true"]\n`;

/** How often the engine was made to pull it, by its own history. */
/** Counts the pulls that the engine reports from now on: it remembers few of its events, and other tests make many. */
async function watchPulls(image: string): Promise<{ count(): number }> {
  const filters = { type: ['image'], event: ['pull'] };
  const stream = Readable.from(await docker.getEvents({ filters: JSON.stringify(filters) }));
  onTestFinished(() => void stream.destroy());
  let count = 0;
  createInterface({ input: stream }).on('line', (line) => {
    if (line.trim() !== '' && JSON.parse(line).Actor?.ID === image) count += 1;
  });
  return { count: () => count };
}

function isHere(image: string): Promise<boolean> {
  return docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}
