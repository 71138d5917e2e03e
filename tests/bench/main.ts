// `npm run bench`: Gantry beside the floors of this machine. See `--help`.
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { chain } from './chain';
import { claims } from './claims';
import { createCall } from './create-call';
import { diamond } from './diamond';
import { environments } from './environments';
import { history } from './history';
import { independent } from './independent';
import { launches } from './launches';
import { lines } from './lines';
import { memory } from './memory';
import { reportJson, reportText } from './report';
import { runRows } from './run-rows';
import { search } from './search';
import { streams } from './streams';

const rows = [
  chain,
  diamond,
  independent,
  createCall,
  launches,
  lines,
  search,
  streams,
  claims,
  environments,
  history,
  memory,
];
const names = rows.map(({ name }) => name).join(',');

const program = new Command('bench')
  .description('Measures Gantry beside the floors of this machine, and prints a table.')
  .option('--only <rows>', `some of ${names}`, names)
  .option('--quick', 'fewer repeats and shorter windows: a look, not a measurement', false)
  .option('--json [file]', 'the same as JSON, to a file or instead of the table')
  .parse();
const { only, quick, json } = program.opts<{ only: string; quick: boolean; json?: string | true }>();
const wanted = only.split(',').map((name) => name.trim());
const unknown = wanted.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) program.error(`there is no row ${unknown.join(', ')}: choose from ${names}`);

const report = await runRows(
  rows.filter(({ name }) => wanted.includes(name)),
  quick,
);
if (json === true) process.stdout.write(reportJson(report));
else console.log(reportText(report));
if (typeof json === 'string') await writeFile(json, reportJson(report));
// A missed target is a finding; only what could not be measured is a failure.
process.exit(report.rows.some(({ error }) => error !== null) ? 1 : 0);
