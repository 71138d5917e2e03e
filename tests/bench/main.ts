// `npm run bench`: Gantry beside the floors of this machine. See `--help`.
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { abuse } from './abuse';
import { ahead } from './ahead';
import { artifacts } from './artifacts';
import { type VerdictBackend, verdictBackends } from './bench';
import { cases } from './cases';
import { chain } from './chain';
import { claims } from './claims';
import { createCall } from './create-call';
import { diamond } from './diamond';
import { environments } from './environments';
import { history } from './history';
import { independent } from './independent';
import { inputs } from './inputs';
import { kubernetes } from './kubernetes';
import { kubernetesSteps } from './kubernetes-steps';
import { launches } from './launches';
import { lines } from './lines';
import { livePage } from './live-page';
import { memory } from './memory';
import { reading } from './reading';
import { reportJson, reportText } from './report';
import { runRows } from './run-rows';
import { search } from './search';
import { streams } from './streams';
import { verdicts } from './verdicts';

const rows = [
  chain,
  ahead,
  diamond,
  independent,
  createCall,
  launches,
  lines,
  artifacts,
  inputs,
  search,
  streams,
  claims,
  environments,
  livePage,
  history,
  memory,
  cases,
  reading,
  verdicts,
  abuse,
  kubernetes,
  kubernetesSteps,
];
const names = rows.map(({ name }) => name).join(',');
const usual = rows
  .filter(({ isExtra }) => !isExtra)
  .map(({ name }) => name)
  .join(',');

const program = new Command('bench')
  .description('Measures Gantry beside the floors of this machine, and prints a table.')
  .option('--only <rows>', `some of ${names}`, usual)
  .option('--quick', 'fewer repeats and shorter windows: a look, not a measurement', false)
  .option('--repeats <count>', 'for verdicts: how often each end is brought about', '200')
  .option('--backend <name>', `for verdicts: ${verdictBackends.join(', ')}`, 'local')
  .option('--json [file]', 'the same as JSON, to a file or instead of the table')
  .parse();
const { only, quick, json, ...options } = program.opts<{
  only: string;
  quick: boolean;
  repeats: string;
  backend: string;
  json?: string | true;
}>();
const repeats = Number(options.repeats);
if (!Number.isInteger(repeats) || repeats < 1)
  program.error(`--repeats: expected a whole number from 1, found ${options.repeats}`);
const backend: VerdictBackend =
  verdictBackends.find((name) => name === options.backend) ??
  program.error(`--backend: expected one of ${verdictBackends.join(', ')}, found ${options.backend}`);
const wanted = only.split(',').map((name) => name.trim());
const unknown = wanted.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) program.error(`there is no row ${unknown.join(', ')}: choose from ${names}`);

const report = await runRows(
  rows.filter(({ name }) => wanted.includes(name)),
  quick,
  { repeats, backend },
);
if (json === true) process.stdout.write(reportJson(report));
else console.log(reportText(report));
if (typeof json === 'string') await writeFile(json, reportJson(report));
// A missed target is a finding; only what could not be measured is a failure.
process.exit(report.rows.some(({ error }) => error !== null) ? 1 : 0);
