import { runShapeBare } from './bare-docker';
import type { Bench } from './bench';
import { launchAndFinish } from './launch';
import { median, type RowResult } from './measure';
import type { Shape } from './suites';

/** As GANTRY_MAX_STEPS is by default. */
const atOnce = 8;

/** A shape through Gantry and bare, in turns, after one of each that is not counted. */
export async function measureShape(
  bench: Bench,
  shape: Shape,
  title: string,
  repeats: number,
  ratio: number,
): Promise<RowResult> {
  const suiteId = bench.suiteId(shape.name);
  const server = await bench.startServer();
  const floors: number[] = [];
  const gantry: number[] = [];
  try {
    for (let round = 0; round <= repeats; round += 1) {
      const bareMs = await runShapeBare(bench.docker, suiteId, shape, atOnce);
      const { ms } = await launchAndFinish(server, suiteId);
      bench.say(`${shape.name} ${round}: bare ${bareMs.toFixed(0)} ms, Gantry ${ms.toFixed(0)} ms`);
      if (round === 0) continue;
      floors.push(bareMs / 1000);
      gantry.push(ms / 1000);
    }
  } finally {
    await server.stop();
  }
  return {
    title,
    measures: [
      {
        what: 'launch to finished',
        unit: 's',
        floor: median(floors),
        gantry: median(gantry),
        target: { ratio },
      },
    ],
    notes: [
      `Medians of ${repeats} in turns. Bare: network, volume, the same containers (created, attached, started, waited for), all removed.`,
    ],
  };
}
