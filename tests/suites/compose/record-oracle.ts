import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { allCases, askTool, composeTool } from './oracle';

// Records what the Compose tool answers to the files of the tests: npm run compose:record. The tool is that of
// GANTRY_TEST_COMPOSE, or of Debian's package docker-compose, whose one program runs without the rest.
const tool = composeTool();
if (tool === null)
  throw new Error('Set GANTRY_TEST_COMPOSE to the docker-compose program of version 2.26 or newer.');
const version = execFileSync(tool, ['version', '--short'], { encoding: 'utf8' }).trim();
const cases = Object.fromEntries(allCases.map((each) => [each.name, askTool(tool, each)]));
const file = path.join(import.meta.dirname, 'fixtures', 'config.json');
writeFileSync(file, `${JSON.stringify({ version, cases }, null, 1)}\n`);
const refused = Object.values(cases).filter((answer) => answer === null).length;
console.log(`Recorded ${allCases.length} answers of docker-compose ${version}, ${refused} of them refusals.`);
