// `npm run engines`: Gantry on other container engines than this machine's own. See `--help`.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { messageOf } from '@/lib/model/errors';
import { buildOnce } from '../support/build';
import { type EngineName, engineNames, type OtherEngine, startOtherEngine } from './engine';
import { type Group, groups } from './groups';
import { countTests, type EngineResult, failuresOf, type GroupResult, isRight, putIntoText } from './results';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = fileURLToPath(new URL('../../docs/engines.md', import.meta.url));
const groupNames = groups.map(({ name }) => name);

const program = new Command('engines')
  .description(
    'Runs the backend tests, the example suites, the suites of GANTRY_CASES and a kill -9 on other container engines,\n' +
      'which the program in GANTRY_ENGINES starts, and writes the table of docs/engines.md. Needs root.',
  )
  .argument('[names...]', `some of ${engineNames.join(', ')}`, [...engineNames])
  .option('--only <groups>', `some of ${groupNames.join(', ')}`, groupNames.join(','))
  .parse();
const wanted: string[] = program.args.length > 0 ? program.args : [...engineNames];
const names = engineNames.filter((name) => wanted.includes(name));
const unknown = wanted.filter((word) => !engineNames.some((name) => name === word));
if (unknown.length > 0)
  program.error(`there is no engine ${unknown.join(', ')}: choose from ${engineNames.join(', ')}`);
const only = program
  .opts<{ only: string }>()
  .only.split(',')
  .map((name) => name.trim());
const strange = only.filter((name) => !groupNames.includes(name));
if (strange.length > 0)
  program.error(`there is no group ${strange.join(', ')}: choose from ${groupNames.join(', ')}`);

let isInterrupted = false;
process.once('SIGINT', () => {
  isInterrupted = true;
});
const say = (line: string) => console.error(line);

say('▸ the application');
await buildOnce(root);
const results: EngineResult[] = [];
for (const name of names) {
  if (isInterrupted) break;
  const result = await tryEngine(name);
  if (!result) continue;
  results.push(result);
  await writeFile(docs, putIntoText(await readFile(docs, 'utf8'), groupNames, [result]));
}
process.exit(results.length === names.length && results.every(isRight) ? 0 : 1);

async function tryEngine(name: EngineName): Promise<EngineResult | null> {
  let engine: OtherEngine;
  try {
    engine = await startOtherEngine(name, say);
  } catch (error) {
    say(`▸ ${name} did not start: ${messageOf(error)}`);
    return null;
  }
  say(`▸ ${name}: ${engine.version}`);
  try {
    const found: Record<string, GroupResult> = {};
    for (const group of groups.filter((each) => only.includes(each.name))) {
      if (isInterrupted) return null;
      found[group.name] = await tryGroup(engine, group);
    }
    return { name, version: engine.version, day: new Date().toISOString().slice(0, 10), groups: found };
  } finally {
    await engine.close();
  }
}

async function tryGroup(engine: OtherEngine, { name, words, env }: Group): Promise<GroupResult> {
  const startedMs = performance.now();
  try {
    const run = await engine.test(words, env);
    const result = countTests(run);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    say(`  ${name}: ${result.passed} right, ${result.failed.length} wrong, ${seconds} s`);
    for (const failure of failuresOf(run)) say(`    ${failure}`);
    return result;
  } catch (error) {
    say(`  ${name}: ${messageOf(error)}`);
    return { passed: 0, failed: [], error: messageOf(error) };
  }
}
