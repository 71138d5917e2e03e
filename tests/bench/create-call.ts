import path from 'node:path';
import { attemptName } from '@/lib/backends/labels';
import { engineSocket } from '../support/engine-socket';
import type { Bench, Row } from './bench';
import type { BenchServer } from './bench-server';
import { type DockerProxy, openDockerProxy } from './docker-proxy';
import { eventsOf, launchAndFinish } from './launch';
import { quantile } from './measure';
import { type Shape, shapes } from './suites';

export const createCall: Row = {
  name: 'create-call',
  async measure(bench) {
    const proxy = await openDockerProxy(path.join(bench.folder, 'docker.sock'), engineSocket());
    try {
      const waits = await measureWaits(bench, proxy);
      return {
        title: 'step ready to run → Docker create call',
        measures: [
          { what: 'p50', unit: 'ms', floor: null, gantry: quantile(waits, 0.5), target: { atMost: 8 } },
          { what: 'p99', unit: 'ms', floor: null, gantry: quantile(waits, 0.99), target: { atMost: 40 } },
        ],
        notes: [
          `${waits.length} steps of chains and diamonds: from the time of \`step.queued\` (in whole milliseconds) to the call, seen at Docker's socket. First steps, which wait for the package's volume, are left out.`,
        ],
      };
    } finally {
      await proxy.close();
    }
  },
};

async function measureWaits(bench: Bench, proxy: DockerProxy): Promise<number[]> {
  const waits: number[] = [];
  const server = await bench.startServer({ env: { DOCKER_HOST: proxy.url } });
  try {
    for (let round = 0; round <= (bench.isQuick ? 2 : 10); round += 1) {
      for (const shape of [shapes.chain, shapes.diamond]) {
        const { id } = await launchAndFinish(server, bench.suiteId(shape.name));
        if (round > 0) waits.push(...(await waitsOf(server, proxy, id, shape)));
      }
    }
  } finally {
    await server.stop();
  }
  return waits;
}

async function waitsOf(
  server: BenchServer,
  proxy: DockerProxy,
  executionId: string,
  shape: Shape,
): Promise<number[]> {
  const queued = new Map<string, number>();
  for (const { type, stepId, at } of await eventsOf(server, executionId)) {
    if (type === 'step.queued' && stepId) queued.set(stepId, Date.parse(at));
  }
  return shape.steps
    .filter(({ after }) => after.length > 0)
    .map(({ id: stepId }) => {
      const readyMs = queued.get(stepId);
      const calledMs = proxy.created.get(attemptName({ executionId, stepId, attempt: 1 }));
      if (readyMs === undefined || calledMs === undefined) throw new Error(`nothing was seen of ${stepId}`);
      return calledMs - readyMs;
    });
}
