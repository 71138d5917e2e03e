import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionSummary } from '@/lib/model/execution';
import { quantile } from '../bench/measure';
import { openSse } from '../bench/sse-client';
import { type ControlPlane, makeControlPlane, token } from './control-plane';
import { writePrinter } from './printer-suite';
import type { SlowFault } from './slow-fault';

const clients = 1_000;
const openedAtOnce = 50;
const seconds = 75;
const beforeMs = 10_000;
const maxDelayMs = 150;
/** The clients say that they are let go all at once, and come back in the order of chance. */
const minSpreadMs = 1_000;

interface Client {
  seqs: number[];
  /** When each message came and was made, in milliseconds since the epoch. */
  times: { madeMs: number; cameMs: number }[];
  /** How often it had to come again, and when it was back. */
  returns: number[];
  done: Promise<void>;
}

/** A thousand clients follow a log of a line a second; the server is restarted beneath them. */
export const restartUnderCrowd: SlowFault = async (_random, say) => {
  const suites = await mkdtemp(path.join(tmpdir(), 'gantry-chaos-suites-'));
  const plane = await makeControlPlane('crowd', { DATABASE_URL: '', GANTRY_SUITES: suites });
  try {
    await writePrinter(suites, 'ticks', { seconds, linesPerSecond: 1 });
    await plane.start();
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId: 'ticks' });
    const crowd = await gather(plane, id);
    await sleep(beforeMs);
    await plane.stop();
    await plane.start();
    const upMs = Date.now();
    await Promise.all(crowd.map(({ done }) => done));
    const returns = crowd.flatMap((client) => client.returns);
    const allBackMs = Math.max(...returns);
    const delays = crowd.flatMap(({ times }) =>
      times.filter(({ madeMs }) => madeMs > allBackMs).map(({ madeMs, cameMs }) => cameMs - madeMs),
    );
    const p99 = quantile(delays, 0.99);
    const spreadMs = allBackMs - Math.min(...returns);
    const broken = crowd.filter(({ seqs }) => seqs.some((seq, index) => seq !== index + 1));
    const short = crowd.filter(({ seqs }) => seqs.length < seconds);
    say(
      `all ${clients} were back ${allBackMs - upMs} ms after the start, ${spreadMs} ms apart; then p99 was ${p99.toFixed(0)} ms in ${delays.length} messages`,
    );
    return [
      ...(broken.length === 0 ? [] : [`${broken.length} clients missed a line or got one twice`]),
      ...(short.length === 0 ? [] : [`${short.length} clients did not get all lines`]),
      ...(p99 <= maxDelayMs ? [] : [`p99 was ${p99.toFixed(0)} ms`]),
      ...(spreadMs >= minSpreadMs ? [] : [`all came back within ${spreadMs} ms`]),
    ];
  } finally {
    await plane.close();
    await rm(suites, { recursive: true, force: true });
  }
};

async function gather(plane: ControlPlane, id: string): Promise<Client[]> {
  const crowd: Client[] = [];
  const url = new URL(`/api/v1/executions/${id}/logs`, plane.api.url);
  while (crowd.length < clients) {
    const next = Array.from({ length: openedAtOnce }, () => follow(url));
    await Promise.all(next.map(({ opened }) => opened));
    crowd.push(...next.map(({ client }) => client));
  }
  return crowd;
}

/** As EventSource does: comes again after `retry`, from the last id. */
function follow(url: URL): { client: Client; opened: Promise<void> } {
  const client: Client = { seqs: [], times: [], returns: [], done: Promise.resolve() };
  let retryMs = 3_000;
  let isOver = false;
  const read = () => {
    const last = client.seqs.at(-1);
    return openSse(
      url,
      token,
      ({ id, data, event }) => {
        if (event === 'end') isOver = true;
        if (event) return;
        client.seqs.push(id);
        client.times.push({ madeMs: Number(/"text":"(\d+)/.exec(data)?.[1]), cameMs: Date.now() });
      },
      {
        ...(last === undefined ? {} : { lastEventId: last }),
        onRetry: (ms) => {
          retryMs = ms;
        },
      },
    );
  };
  const first = read();
  client.done = (async () => {
    let stream = first;
    for (;;) {
      await stream.ended.catch(() => undefined);
      if (isOver) return;
      await sleep(retryMs);
      stream = read();
      await stream.opened.then(
        () => client.returns.push(Date.now()),
        () => undefined,
      );
    }
  })();
  return { client, opened: first.opened };
}
