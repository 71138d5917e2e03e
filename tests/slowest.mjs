// `npm run test:slowest`: the twenty test files and the twenty tests that took longest in the last `npm test`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shown = 20;

let files;
try {
  files = JSON.parse(readFileSync(path.join(root, 'build', 'test-results.json'), 'utf8')).testResults;
} catch (error) {
  console.error(`There are no results of a test run: run \`npm test\` first (${error.message}).`);
  process.exit(1);
}

const named = files.map((file) => ({ ...file, name: path.relative(root, file.name) }));
print(
  'files',
  named.map(({ name, startTime, endTime }) => ({ name, ms: endTime - startTime })),
);
print(
  'tests',
  named.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, duration }) => ({ name: `${name}: ${fullName}`, ms: duration ?? 0 })),
  ),
);

function print(what, rows) {
  const slowest = rows.toSorted((a, b) => b.ms - a.ms).slice(0, shown);
  console.log(`The slowest ${slowest.length} of ${rows.length} ${what}:`);
  for (const { name, ms } of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(8)} s  ${name}`);
}
