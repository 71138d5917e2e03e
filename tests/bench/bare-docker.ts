import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { containerConfig } from '@/lib/backends/docker/container-config';
import { labelNames } from '@/lib/backends/labels';
import { makeStepSpec } from '../support/plan';
import { oneShotCommand, type Shape } from './suites';

const removedAtOnce = 4;

/** A network, a volume and containers as Gantry makes them, driven by nothing but the Docker API. */
export interface BareDocker {
  /** Created, not started. */
  create(stepId: string, command: string[]): Promise<Docker.Container>;
  /** Removes everything that was made. */
  close(): Promise<void>;
}

export async function openBareDocker(docker: Docker, suiteId: string): Promise<BareDocker> {
  const name = `gantry-bare-${randomBytes(6).toString('hex')}`;
  const labels = { [labelNames.suite]: suiteId };
  const containers: Docker.Container[] = [];
  const network = await docker.createNetwork({ Name: name, Driver: 'bridge', Labels: labels });
  await docker.createVolume({ Name: name, Labels: labels });
  const names = {
    installation: name,
    owner: null,
    network: name,
    volumes: { package: name, stepInit: null },
    hardening: 'standard' as const,
  };
  return {
    async create(stepId, command) {
      const suite = { id: suiteId, title: suiteId, repository: null, version: null };
      const spec = makeStepSpec({ executionId: name, suite, stepId, node: { id: stepId, command } });
      const container = await docker.createContainer({
        ...containerConfig(spec, names, 'Docker'),
        name: `${name}-${stepId}`,
      });
      containers.push(container);
      return container;
    },
    async close() {
      await inParallel(containers, removedAtOnce, (each) => each.remove({ force: true, v: true }));
      await removeNetwork(network);
      await docker.getVolume(name).remove();
    },
  };
}

/** Docker may still count a container that it has just removed. */
async function removeNetwork(network: Docker.Network): Promise<void> {
  for (let round = 0; ; round += 1) {
    try {
      await network.remove();
      return;
    } catch (error) {
      if (round === 20) throw error;
      await sleep(100);
    }
  }
}

/** Runs a shape to its end with everything removed; answers the milliseconds that it took. */
export async function runShapeBare(
  docker: Docker,
  suiteId: string,
  shape: Shape,
  atOnce: number,
): Promise<number> {
  const startedMs = performance.now();
  const bare = await openBareDocker(docker, suiteId);
  try {
    const ended = new Set<string>();
    let left = [...shape.steps];
    const running = new Set<Promise<void>>();
    while (left.length > 0 || running.size > 0) {
      const ready = left.filter(({ after }) => after.every((id) => ended.has(id)));
      const next = new Set(ready.slice(0, atOnce - running.size));
      left = left.filter((step) => !next.has(step));
      for (const { id } of next) {
        const run: Promise<void> = runContainer(bare, id, shape.command ?? oneShotCommand).then(() => {
          ended.add(id);
          running.delete(run);
        });
        running.add(run);
      }
      await Promise.race(running);
    }
  } finally {
    await bare.close();
  }
  return performance.now() - startedMs;
}

async function runContainer(bare: BareDocker, stepId: string, command: string[]): Promise<void> {
  const container = await bare.create(stepId, command);
  const output = await container.attach({ stream: true, stdout: true, stderr: true });
  await container.start();
  let bytes = 0;
  const read = (async () => {
    for await (const chunk of output) bytes += chunk.length;
  })();
  const { StatusCode } = await container.wait();
  await read;
  if (StatusCode !== 0 || bytes === 0) throw new Error(`${stepId} ended with ${StatusCode}, ${bytes} bytes`);
}

async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<unknown>) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
