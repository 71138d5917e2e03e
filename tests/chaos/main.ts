// `npm run chaos -- --minutes 60 --seed 7`, or one of the faults that take minutes: `--faults NAME`, see slow-faults.ts.
// Ends with 1 when something was wrong.
import { parseArgs } from 'node:util';
import { runChaos } from './chaos';
import { createRandom } from './random';
import { slowFaults } from './slow-faults';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    pause: { type: 'string', default: '1500' },
    steps: { type: 'string', default: '8' },
    'no-daemon': { type: 'boolean', default: false },
    backend: { type: 'string', default: 'local' },
    faults: { type: 'string' },
  },
});
const startedAt = performance.now();
const say = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const problems = values.faults === undefined ? await strikeAtRandom() : await strikeSlowly(values.faults);
for (const problem of problems) console.error(problem);
say(problems.length === 0 ? 'nothing was wrong' : `${problems.length} problems, seed ${values.seed}`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function strikeAtRandom(): Promise<string[]> {
  const report = await runChaos({
    seed: Number(values.seed),
    durationMs: Number(values.minutes) * 60_000,
    pauseMs: Number(values.pause),
    mostSteps: Number(values.steps),
    withDaemon: !values['no-daemon'],
    backend: values.backend === 'kubernetes' ? 'kubernetes' : 'local',
    stop: stop.signal,
    say,
  });
  say(`${report.executions} executions: ${JSON.stringify(report.statuses)}`);
  say(`faults: ${JSON.stringify(report.faults)}`);
  return report.problems;
}

async function strikeSlowly(name: string): Promise<string[]> {
  const fault = slowFaults.get(name);
  if (!fault) throw new Error(`There is no fault ${name}; there are ${[...slowFaults.keys()].join(', ')}.`);
  return fault(createRandom(Number(values.seed)), say);
}
