import { runShapeBare } from './bare-docker';
import type { Bench, Row } from './bench';
import type { BenchServer } from './bench-server';
import { launchAndFinish } from './launch';
import { type Measure, median, quantile } from './measure';
import { type Shape, shapes } from './suites';

/** As GANTRY_MAX_STEPS is by default. */
const atOnce = 8;
const stepsAhead = 2;

/** Chains of ten in turns: bare Docker in order, Gantry without, and Gantry with steps made ready ahead. */
export const ahead: Row = {
  name: 'ahead',
  limitMs: 20 * 60_000,
  async measure(bench) {
    const repeats = bench.isQuick ? 2 : 7;
    const start = (count: number) => bench.startServer({ env: { GANTRY_PREPARE_AHEAD: String(count) } });
    const without = await start(0);
    const withAhead = await start(stepsAhead);
    try {
      const measures = [
        ...(await measureChain(bench, shapes.chain, 'do nothing', {
          without,
          withAhead,
          repeats,
          ratio: 0.5,
        })),
        ...(await measureChain(bench, shapes.slowChain, '500 ms', {
          without,
          withAhead,
          repeats,
          ratio: 0.65,
        })),
      ];
      return {
        title: 'Steps made ready ahead, chain of 10',
        measures,
        notes: [
          `Medians of ${repeats} in turns, after one of each that is not counted. Floor: the same containers, called in order through the bare Docker API.`,
        ],
      };
    } finally {
      await without.stop();
      await withAhead.stop();
    }
  },
};

interface Sides {
  without: BenchServer;
  withAhead: BenchServer;
  repeats: number;
  ratio: number;
}

async function measureChain(
  bench: Bench,
  shape: Shape,
  what: string,
  { without, withAhead, repeats, ratio }: Sides,
): Promise<Measure[]> {
  const suiteId = bench.suiteId(shape.name);
  const seconds = { bare: [] as number[], without: [] as number[], ahead: [] as number[] };
  for (let round = 0; round <= repeats; round += 1) {
    const bareMs = await runShapeBare(bench.docker, suiteId, shape, atOnce);
    const { ms: withoutMs } = await launchAndFinish(without, suiteId);
    const { ms: aheadMs } = await launchAndFinish(withAhead, suiteId);
    bench.say(
      `${shape.name} ${round}: bare ${bareMs.toFixed(0)}, 0 ahead ${withoutMs.toFixed(0)}, ${stepsAhead} ahead ${aheadMs.toFixed(0)} ms`,
    );
    if (round === 0) continue;
    seconds.bare.push(bareMs / 1000);
    seconds.without.push(withoutMs / 1000);
    seconds.ahead.push(aheadMs / 1000);
  }
  const ratios = seconds.ahead.map((each, round) => each / (seconds.bare[round] ?? Number.NaN));
  const floor = median(seconds.bare);
  return [
    { what: `${what}, 0 ahead`, unit: 's', floor, gantry: median(seconds.without), target: null },
    {
      what: `${what}, ${stepsAhead} ahead`,
      unit: 's',
      floor,
      gantry: median(seconds.ahead),
      target: { ratio },
    },
    {
      what: `${what}, ratio of one round, lowest`,
      unit: '',
      floor: null,
      gantry: quantile(ratios, 0),
      target: null,
    },
    {
      what: `${what}, ratio of one round, highest`,
      unit: '',
      floor: null,
      gantry: quantile(ratios, 1),
      target: null,
    },
  ];
}
