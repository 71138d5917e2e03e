import { setTimeout as sleep } from 'node:timers/promises';
import { openTestDatabase } from '../support/database';
import type { Bench, Row } from './bench';
import type { BenchServer } from './bench-server';
import { launch } from './launch';
import { quantile } from './measure';
import { emptyQueue, seedHistory } from './seed-history';

const few = 100;
const many = 100_000;
const everyMs = 50;
const maxRatio = 1.5;

interface Place {
  server: BenchServer;
  databaseUrl: string;
  close(): Promise<void>;
}

interface Question {
  what: string;
  ask(server: BenchServer): Promise<unknown>;
}

export const history: Row = {
  name: 'history',
  async measure(bench) {
    const suiteId = bench.suiteId('one');
    const read = (path: string) => (server: BenchServer) => server.call(path).then((answer) => answer.text());
    const questions: Question[] = [
      { what: 'list', ask: read('/api/v1/executions?limit=50') },
      { what: 'list of one suite', ask: read(`/api/v1/executions?limit=50&suite=${suiteId}-7`) },
      { what: 'list of what failed', ask: read('/api/v1/executions?limit=50&status=failed,errored') },
      { what: 'list of a label', ask: read('/api/v1/executions?limit=50&label=branch:b7') },
      { what: 'overview', ask: read('/api/v1/engine/overview') },
      { what: 'launch', ask: (server) => launch(server, suiteId) },
    ];
    const places: Place[] = [];
    try {
      places.push(await openPlace(bench, suiteId, few), await openPlace(bench, suiteId, many));
      const measures = [];
      for (const { what, ask } of questions) {
        const times = await inTurns(places, ask, bench.isQuick ? 60 : 300);
        for (const { databaseUrl } of places) await emptyQueue(databaseUrl);
        const [atFew = [], atMany = []] = times;
        for (const [name, part] of [
          ['p50', 0.5],
          ['p99', 0.99],
        ] as const) {
          measures.push({
            what: `${what}, ${name}`,
            unit: 'ms' as const,
            floor: quantile(atFew, part),
            gantry: quantile(atMany, part),
            target: name === 'p99' ? { ratio: maxRatio } : null,
          });
        }
        bench.say(
          `history, ${what}: p99 ${quantile(atFew, 0.99).toFixed(1)} and ${quantile(atMany, 0.99).toFixed(1)} ms`,
        );
      }
      return {
        title: `cost at ${many} executions`,
        measures,
        notes: [
          `The floor is at ${few} executions: two servers on two databases, asked in turns ${1000 / everyMs} times a second, so that the machine is the same for both; nothing runs.`,
        ],
      };
    } finally {
      for (const place of places) await place.close();
    }
  },
};

async function openPlace(bench: Bench, suiteId: string, count: number): Promise<Place> {
  const database = await openTestDatabase();
  const env = { DATABASE_URL: database.url, GANTRY_MAX_EXECUTIONS: '0' };
  const server = await bench.startServer({ env });
  await seedHistory(database.url, await launch(server, suiteId), count);
  bench.say(`history: ${count} executions are there`);
  return {
    server,
    databaseUrl: database.url,
    async close() {
      await server.stop();
      await database.drop();
    },
  };
}

/** How long each call took, by place; the first few are not counted. */
async function inTurns(places: readonly Place[], ask: Question['ask'], rounds: number): Promise<number[][]> {
  const times = places.map((): number[] => []);
  const uncounted = 10;
  for (let round = 0; round < rounds + uncounted; round += 1) {
    for (const [index, { server }] of places.entries()) {
      const startedMs = performance.now();
      await ask(server);
      if (round >= uncounted) times[index]?.push(performance.now() - startedMs);
    }
    await sleep(everyMs);
  }
  return times;
}
