import { readLinesBare } from './bare-lines';
import type { Row } from './bench';
import type { BenchServer, LoopDelay } from './bench-server';
import { checkPassed, eventsOf, finished, launch, launchAndFinish } from './launch';
import { checkStored, readLines } from './line-reader';
import { median, quantile } from './measure';

const mega = 1024 * 1024;

export const lines: Row = {
  name: 'lines',
  async measure(bench) {
    const suiteId = bench.suiteId('lines');
    const repeats = bench.isQuick ? 1 : 3;
    const follow: number[] = [];
    const attach: number[] = [];
    const runs: LinesRun[] = [];
    const server = await bench.startServer();
    try {
      await launchAndFinish(server, bench.suiteId('few-lines'));
      const { now: before } = await server.memory();
      for (let round = 1; round <= repeats; round += 1) {
        follow.push((await readLinesBare(bench.docker, suiteId, 'follow')) / 1000);
        attach.push((await readLinesBare(bench.docker, suiteId, 'attach')) / 1000);
        const run = await runLines(server, suiteId, before);
        runs.push(run);
        bench.say(
          `lines ${round}: follow ${follow.at(-1)?.toFixed(1)} s, attach ${attach.at(-1)?.toFixed(1)} s, Gantry ${run.seconds.toFixed(1)} s, ` +
            `+${(run.growth / mega).toFixed(0)} MB, loop p99 ${run.loop.p99.toFixed(0)} max ${run.loop.max.toFixed(0)} ms, delay p99 ${run.delayP99.toFixed(0)} ms`,
        );
      }
      const gantry = median(runs.map(({ seconds }) => seconds));
      return {
        title: '1,000,000 lines of 100 bytes from one container to one SSE client',
        measures: [
          {
            what: 'start to last line; floor: follow',
            unit: 's',
            floor: median(follow),
            gantry,
            target: { ratio: 1.1 },
          },
          { what: 'the same; floor: attach', unit: 's', floor: median(attach), gantry, target: null },
          {
            what: 'memory growth',
            unit: 'MB',
            floor: null,
            gantry: Math.max(...runs.map(({ growth }) => growth)) / mega,
            target: { atMost: 120 },
          },
          {
            what: 'event loop p99',
            unit: 'ms',
            floor: null,
            gantry: median(runs.map(({ loop }) => loop.p99)),
            target: { atMost: 40 },
          },
          {
            what: 'line to client p99',
            unit: 'ms',
            floor: null,
            gantry: median(runs.map(({ delayP99 }) => delayP99)),
            target: { atMost: 300 },
          },
        ],
        notes: [
          `Medians of ${repeats} in turns; memory is the most of all runs over what the server had (${(before / mega).toFixed(0)} MB) after 20,000 lines. Every line was checked, on the stream and in the store.`,
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

interface LinesRun {
  seconds: number;
  growth: number;
  loop: LoopDelay;
  delayP99: number;
}

async function runLines(server: BenchServer, suiteId: string, before: number): Promise<LinesRun> {
  await server.resetPeak();
  await server.loopDelay();
  const id = await launch(server, suiteId);
  const [read] = await Promise.all([readLines(server, id), finished(server, id)]);
  const loop = await server.loopDelay();
  const { peak } = await server.memory();
  await checkPassed(server, id);
  await checkStored(server, id);
  const running = (await eventsOf(server, id)).find(({ type }) => type === 'attempt.running');
  if (!running) throw new Error(`execution ${id} never ran its step`);
  return {
    seconds: (read.lastAtMs - Date.parse(running.at)) / 1000,
    growth: peak - before,
    loop,
    delayP99: quantile(read.delaysMs, 0.99),
  };
}
