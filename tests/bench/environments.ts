import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { labelNames } from '@/lib/backends/labels';
import type { Inventory } from '@/lib/model/environment';
import type { Bench, Row } from './bench';
import type { BenchServer } from './bench-server';
import { removeLeftovers } from './clean-up';
import { crowdDaemon } from './crowded-daemon';
import { type Measure, quantile } from './measure';
import { measureUse, processesCalled } from './processor-time';
import { scrollPage } from './scroll-page';
import { openSse } from './sse-client';

const settleSeconds = 15;

export const environments: Row = {
  name: 'environments',
  async measure(bench) {
    const crowd = bench.isQuick ? { environments: 12, containers: 5 } : { environments: 60, containers: 5 };
    const suiteId = bench.suiteId('crowd');
    const server = await bench.startServer();
    try {
      const installation = (await readFile(path.join(server.dataFolder, 'installation'), 'utf8')).trim();
      await crowdDaemon(bench.docker, { installation, suiteId, ...crowd });
      bench.say(`environments: ${crowd.environments * crowd.containers} containers run`);
      const snapshot = await measureSnapshots(bench, server, installation, crowd.environments);
      const stream = await measureStream(bench, server);
      const page = await scrollPage(server, crowd.environments);
      const snapshotOf = (what: string, part: number, atMost: number | null): Measure => ({
        what: `a snapshot, ${what}`,
        unit: 'ms',
        floor: quantile(snapshot.floorMs, part),
        gantry: quantile(snapshot.gantryMs, part),
        target: atMost === null ? null : { atMost },
      });
      const plain = (
        what: string,
        unit: Measure['unit'],
        gantry: number,
        atMost: number | null,
      ): Measure => ({
        what,
        unit,
        floor: null,
        gantry,
        target: atMost === null ? null : { atMost },
      });
      return {
        title: `${crowd.environments * crowd.containers} containers in ${crowd.environments} environments`,
        measures: [
          snapshotOf('p50', 0.5, null),
          snapshotOf('longest', 1, 300),
          plain('the stream, when nothing changes: Gantry', '%', stream.gantry, 5),
          plain("the stream, Docker's daemons", '%', stream.daemons, null),
          ...(page
            ? [
                plain('the page, until it is shown', 'ms', page.shownMs, null),
                plain('its longest task while it scrolls', 'ms', page.scrolling.longestMs, 100),
                plain('its longest task while it lies open', 'ms', page.open.longestMs, 100),
                plain('frames a second while it scrolls', '', page.scrolling.frames, null),
              ]
            : []),
        ],
        notes: [
          `Snapshots: ${snapshot.gantryMs.length} of GET /api/v1/sandboxes; the floor asks Docker for the same three lists. The stream: percent of one core with one reader, less what is used without one; the daemons work for others too, so that their number says nothing on a machine that is not quiet. ${page ? '' : 'There is no browser here to show the page.'}`,
        ],
      };
    } finally {
      await server.stop();
      await removeLeftovers(bench.docker, [suiteId]);
    }
  },
};

async function measureSnapshots(bench: Bench, server: BenchServer, installation: string, expected: number) {
  const floorMs: number[] = [];
  const gantryMs: number[] = [];
  for (let round = 0; round <= (bench.isQuick ? 5 : 30); round += 1) {
    const bare = await timeOf(() => listBare(bench.docker, installation));
    const own = await timeOf(async () => {
      const inventory: Inventory = await (await server.call('/api/v1/sandboxes')).json();
      if (inventory.environments.length !== expected)
        throw new Error(`${inventory.environments.length} of ${expected} environments were listed`);
    });
    // The first one opens connections.
    if (round === 0) continue;
    floorMs.push(bare);
    gantryMs.push(own);
  }
  return { floorMs, gantryMs };
}

async function listBare(docker: Docker, installation: string): Promise<void> {
  const filters = { label: [`${labelNames.installation}=${installation}`] };
  await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
}

async function measureStream(
  bench: Bench,
  server: BenchServer,
): Promise<{ gantry: number; daemons: number }> {
  const seconds = bench.isQuick ? 10 : 30;
  const groups = [
    server.process.pid === undefined ? [] : [server.process.pid],
    [...(await processesCalled('dockerd')), ...(await processesCalled('containerd'))],
  ];
  const idle = await measureUse(groups, seconds);
  const client = openSse(new URL('/api/v1/sandboxes/events', server.url), server.token, () => undefined);
  await client.opened;
  await sleep(settleSeconds * 1000);
  const busy = await measureUse(groups, seconds);
  client.close();
  await client.ended;
  const [gantry = Number.NaN, daemons = Number.NaN] = busy.map((use, at) => use - (idle[at] ?? 0));
  return { gantry, daemons };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
