import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { median } from './measure';

const atOnce = 8;
const megabyte = 1024 * 1024;
const page = z.object({ items: z.array(z.object({ status: z.string() })) });

export const memory: Row = {
  name: 'memory',
  async measure(bench) {
    const suiteId = bench.suiteId('own-process');
    const [warmUp, last] = bench.isQuick ? [50, 200] : [200, 1_200];
    const server = await bench.startServer({ env: { GANTRY_PROCESS_BACKEND: '1' } });
    try {
      const idle = await settledMemory(server);
      bench.say(`memory: ${idle.toFixed(0)} MB idle`);
      await run(server, suiteId, warmUp);
      const before = await settledMemory(server);
      bench.say(`memory: ${before.toFixed(0)} MB after ${warmUp} executions`);
      await run(server, suiteId, last - warmUp);
      const after = await settledMemory(server);
      bench.say(`memory: ${after.toFixed(0)} MB after ${last} executions`);
      return {
        title: 'resident memory of the server',
        measures: [
          { what: 'idle', unit: 'MB', floor: null, gantry: idle, target: { atMost: 220 } },
          {
            what: `after ${last - warmUp} more executions`,
            unit: 'MB',
            floor: before,
            gantry: after,
            target: { ratio: 1.1 },
          },
        ],
        notes: [
          `The floor is after ${warmUp} executions. They run on the process backend, ${atOnce} at a time; each has a step that prints a line. Medians over some seconds of rest.`,
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

/** In MB, once it has been left alone for a while. */
async function settledMemory(server: BenchServer): Promise<number> {
  await sleep(10_000);
  const seen: number[] = [];
  for (let second = 0; second < 10; second += 1) {
    await sleep(1_000);
    seen.push((await server.memory()).now / megabyte);
  }
  return median(seen);
}

async function run(server: BenchServer, suiteId: string, count: number): Promise<void> {
  let left = count;
  const body = JSON.stringify({ suiteId, backend: 'process' });
  const runSome = async () => {
    while (left > 0) {
      left -= 1;
      const made = await server.call('/api/v1/executions', { method: 'POST', body });
      await untilPassed(server, z.object({ id: z.string() }).parse(await made.json()).id);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runSome));
  const failed = await server.call('/api/v1/executions?limit=1&status=failed,errored,timed_out');
  const { items } = page.parse(await failed.json());
  if (items.length > 0) throw new Error('not all of the executions passed');
}

async function untilPassed(server: BenchServer, id: string): Promise<void> {
  // The stream ends when the execution has.
  const headers = { accept: 'text/event-stream' };
  await (await server.call(`/api/v1/executions/${id}/events`, { headers })).text();
}
