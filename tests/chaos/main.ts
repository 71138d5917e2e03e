// `npm run chaos -- --minutes 60 --seed 7`: ends with 1 when something was wrong.
import { parseArgs } from 'node:util';
import { runChaos } from './chaos';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    pause: { type: 'string', default: '1500' },
    steps: { type: 'string', default: '8' },
    'no-daemon': { type: 'boolean', default: false },
  },
});
const startedAt = performance.now();
const say = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);

const report = await runChaos({
  seed: Number(values.seed),
  durationMs: Number(values.minutes) * 60_000,
  pauseMs: Number(values.pause),
  mostSteps: Number(values.steps),
  withDaemon: !values['no-daemon'],
  say,
});
say(`${report.executions} executions: ${JSON.stringify(report.statuses)}`);
say(`faults: ${JSON.stringify(report.faults)}`);
for (const problem of report.problems) console.error(problem);
say(
  report.problems.length === 0
    ? 'nothing was wrong'
    : `${report.problems.length} problems, seed ${values.seed}`,
);
process.exitCode = report.problems.length === 0 ? 0 : 1;
