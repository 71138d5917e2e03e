// `npm test`: installs what is missing, checks types and style, builds, runs every test. Plain JavaScript without packages:
// it runs before anything is installed. The last line says how many passed, failed and were skipped.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installWhenStale } from '../lib/cli/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const only = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };
process.chdir(root);

install();
if (only.length === 0) {
  check('types', 'node_modules/typescript/bin/tsc', ['--noEmit', '--incremental', 'false']);
  check('style', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']);
  check('build', '--import', ['tsx', 'tests/support/build-first.ts']);
}
runTests();
if (counts.passed + counts.failed === 0) {
  console.error('No test ran.');
  counts.failed = 1;
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

function install() {
  try {
    installWhenStale(root);
  } catch (error) {
    console.error(`${error.message}; trying npm install, which also takes a lock file of another platform`);
    const words = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
    const { status } = spawnSync('npm', words, { stdio: 'inherit', shell: process.platform === 'win32' });
    if (status === 0) return;
    console.error('The packages could not be installed; the lines above say why.');
    console.log('0 passed, 1 failed, 0 skipped');
    process.exit(1);
  }
}

/** A check counts as one test. */
function check(name, program, words) {
  console.log(`\n▸ ${name}`);
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: 'inherit' });
  counts[status === 0 ? 'passed' : 'failed'] += 1;
}

function runTests() {
  console.log('\n▸ tests');
  // Kept for `npm run test:slowest`.
  const file = path.join(root, 'build', 'test-results.json');
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const words = ['run', '--config', 'tests/vitest.config.ts', '--reporter=default', '--reporter=json'];
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', ...words, `--outputFile.json=${file}`, ...only],
    { stdio: 'inherit', env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } },
  );
  count(readResults(file), status);
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch (error) {
    console.error(`vitest left no results: ${error.message}`);
    return [];
  }
}

function count(files, status) {
  const failedBefore = counts.failed;
  const skipped = [];
  for (const { name, status: fileStatus, assertionResults } of files) {
    const file = path.relative(root, name);
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else skipped.push(`${file}: ${test.fullName}`);
    }
    // A file that cannot be loaded, or whose hooks fail, has no failed test of its own.
    if (fileStatus === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
      counts.failed += 1;
  }
  counts.skipped = skipped.length;
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((line) => `  ${line}`).join('\n')}\n`);
  // Errors outside of every test, such as a rejection that nobody handles.
  if (status !== 0 && counts.failed === failedBefore) counts.failed += 1;
}
