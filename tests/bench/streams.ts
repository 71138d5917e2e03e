import { setTimeout as sleep } from 'node:timers/promises';
import { openTestDatabase } from '../support/database';
import type { ServerKind } from '../support/server';
import { startBareStreams } from './bare-streams';
import type { Bench, Row } from './bench';
import { openDatabaseProxy } from './database-proxy';
import { cancel, launch } from './launch';
import { quantile } from './measure';
import { gatherCrowd } from './stream-crowd';

const clients = 1_000;
const maxDelayMs = 100;
const settleSeconds = 5;

export const streams: Row = {
  name: 'streams',
  async measure(bench) {
    const seconds = bench.isQuick ? 10 : 30;
    const floor = await measureBare(seconds);
    bench.say(
      `streams: bare p99 ${quantile(floor.delaysMs, 0.99).toFixed(0)} ms, ${floor.kilobytes.toFixed(0)} KB a client`,
    );
    const gantry = await measureGantry(bench, seconds, 'npm start');
    bench.say(
      `streams: Gantry p99 ${quantile(gantry.delaysMs, 0.99).toFixed(0)} ms, ${gantry.kilobytes.toFixed(0)} KB a client`,
    );
    const next = await measureGantry(bench, seconds, 'next start');
    bench.say(
      `streams: Gantry under next start p99 ${quantile(next.delaysMs, 0.99).toFixed(0)} ms, ${next.kilobytes.toFixed(0)} KB a client`,
    );
    const delay = (what: string, part: number, atMost: number | null) => ({
      what,
      unit: 'ms' as const,
      floor: quantile(floor.delaysMs, part),
      gantry: quantile(gantry.delaysMs, part),
      target: atMost === null ? null : { atMost },
    });
    return {
      title: '1,000 SSE clients, one message a second',
      measures: [
        delay('printed to client p50', 0.5, null),
        delay('printed to client p99', 0.99, maxDelayMs),
        {
          what: 'printed to client p99, plain `next start`',
          unit: 'ms',
          floor: quantile(gantry.delaysMs, 0.99),
          gantry: quantile(next.delaysMs, 0.99),
          target: { atMost: 2 * Math.max(quantile(gantry.delaysMs, 0.99), maxDelayMs) },
        },
        {
          what: 'memory a client',
          unit: 'KB',
          floor: floor.kilobytes,
          gantry: gantry.kilobytes,
          target: { atMost: 60 },
        },
        {
          what: 'database reads a message',
          unit: '',
          floor: null,
          gantry: gantry.reads,
          target: { atMost: 1.05 },
        },
      ],
      notes: [
        `${gantry.messages} log lines in ${seconds} s. Gantry's delay begins in the container and holds Docker, the gathering of lines and the store; the floor's begins at its own write. The floor of plain next start, with ${next.kilobytes.toFixed(0)} KB a client, is npm start. Reads are counted in PostgreSQL's protocol: ${gantry.statements}.`,
      ],
    };
  },
};

async function measureBare(seconds: number) {
  const server = await startBareStreams();
  try {
    const first = await gatherCrowd(server.url, 'none', 1);
    await first.watch(2);
    const before = await server.memory();
    const crowd = await gatherCrowd(server.url, 'none', clients);
    await crowd.watch(settleSeconds);
    const { delaysMs } = await crowd.watch(seconds);
    const kilobytes = ((await server.memory()) - before) / 1024 / clients;
    await crowd.leave();
    await first.leave();
    return { delaysMs, kilobytes };
  } finally {
    await server.stop();
  }
}

async function measureGantry(bench: Bench, seconds: number, kind: ServerKind) {
  const database = await openTestDatabase();
  const proxy = await openDatabaseProxy(database.url);
  try {
    const server = await bench.startServer({ server: kind, env: { DATABASE_URL: proxy.url } });
    try {
      const id = await launch(server, bench.suiteId('ticks'));
      const url = new URL(`/api/v1/executions/${id}/logs`, server.url);
      const first = await gatherCrowd(url, server.token, 1);
      await first.watch(settleSeconds);
      const { now: before } = await server.memory();
      const crowd = await gatherCrowd(url, server.token, clients);
      await crowd.watch(settleSeconds);
      const { delaysMs, messages } = await crowd.watch(seconds, () => proxy.takeCounts());
      const counts = proxy.takeCounts();
      const { now: after } = await server.memory();
      await crowd.leave();
      await first.leave();
      await sleep(100);
      await cancel(server, id);
      const reads = [...counts].filter(([text]) => /^\s*select\b/i.test(text) && text.includes('log_chunks'));
      const readCount = reads.reduce((sum, [, count]) => sum + count, 0);
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      return {
        delaysMs,
        messages,
        kilobytes: (after - before) / 1024 / clients,
        reads: readCount / messages,
        statements: `${readCount} of the log, ${all} statements in all`,
      };
    } finally {
      await server.stop();
    }
  } finally {
    await proxy.close();
    await database.drop();
  }
}
