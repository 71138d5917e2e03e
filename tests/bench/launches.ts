import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { launch } from './launch';
import { quantile } from './measure';

const perSecond = 20;
const atOnce = 1_000;

export const launches: Row = {
  name: 'launches',
  async measure(bench) {
    const suiteId = bench.suiteId('one');
    const seconds = bench.isQuick ? 10 : 30;
    // Nothing is claimed: what is measured is how launches are taken, and 1,600 containers would hide it.
    const server = await bench.startServer({ env: { GANTRY_MAX_EXECUTIONS: '0' } });
    try {
      const ask = () => server.call('/healthz').then((answer) => answer.text());
      const post = () => launch(server, suiteId);
      await atRate(2, ask);
      await atRate(2, post);
      const floor = await atRate(seconds / 2, ask);
      const taken = await atRate(seconds, post);
      bench.say(
        `launches: ${taken.length} at ${perSecond}/s, the slowest ${Math.max(...taken).toFixed(0)} ms`,
      );
      const burst = await launchAtOnce(server, suiteId);
      const { p99, max } = await server.loopDelay();
      const row = (what: string, part: number, atMost: number) => ({
        what: `${what} at ${perSecond}/s`,
        unit: 'ms' as const,
        floor: quantile(floor, part),
        gantry: quantile(taken, part),
        target: { atMost },
      });
      return {
        title: 'POST /executions → 201',
        measures: [
          row('p50', 0.5, 20),
          row('p99', 0.99, 80),
          {
            what: `${atOnce} at once, all accepted`,
            unit: 's',
            floor: null,
            gantry: burst.ms / 1000,
            target: { atMost: 20 },
          },
        ],
        notes: [
          `Open loop, ${taken.length} launches; the floor is GET /healthz at the same rate. ${burst.queued} executions were queued at the end, none running. Event loop p99 ${p99.toFixed(0)} ms, worst ${max.toFixed(0)} ms.`,
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

/** How long each call took; calls begin on time, however long others take. */
async function atRate(seconds: number, call: () => Promise<unknown>): Promise<number[]> {
  const calls: Promise<number>[] = [];
  const startedMs = performance.now();
  for (let count = 0; count < seconds * perSecond; count += 1) {
    const dueMs = startedMs + (count * 1000) / perSecond;
    await sleep(Math.max(0, dueMs - performance.now()));
    calls.push(call().then(() => performance.now() - dueMs));
  }
  return Promise.all(calls);
}

async function launchAtOnce(server: BenchServer, suiteId: string): Promise<{ ms: number; queued: number }> {
  const before = await countQueued(server);
  const startedMs = performance.now();
  const ids = await Promise.all(Array.from({ length: atOnce }, () => launch(server, suiteId)));
  const ms = performance.now() - startedMs;
  const queued = await countQueued(server);
  if (new Set(ids).size !== atOnce || queued - before !== atOnce) {
    throw new Error(`${atOnce} launches made ${new Set(ids).size} ids and ${queued - before} executions`);
  }
  return { ms, queued };
}

const page = z.object({
  items: z.array(z.object({ status: z.string() })),
  nextCursor: z.string().nullable(),
});

async function countQueued(server: BenchServer): Promise<number> {
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const place: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const answer = await server.call(`/api/v1/executions?status=queued&limit=200${place}`);
    const { items, nextCursor } = page.parse(await answer.json());
    count += items.length;
    cursor = nextCursor;
  }
  return count;
}
