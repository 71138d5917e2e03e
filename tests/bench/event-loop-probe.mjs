// Loaded into the measured server by `--import`. On SIGUSR2 it writes how late its event loop was since the last
// time, in milliseconds, and begins anew.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.GANTRY_BENCH_LOOP_FILE;
const resolution = 10;

// What the server starts inherits the options: only the server itself is measured.
if (isMainThread && file && process.argv[1]?.endsWith('serve.mjs')) {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  // A timer that comes on time is counted with the resolution itself.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution);
  process.on('SIGUSR2', () => {
    const values = {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
    };
    histogram.reset();
    writeFileSync(`${file}.new`, JSON.stringify(values));
    renameSync(`${file}.new`, file);
  });
}
