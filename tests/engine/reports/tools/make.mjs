/**
 * Makes the reports in `../fixtures` anew, with the tools themselves: `node tests/engine/reports/tools/make.mjs [NAME…]`.
 * It needs a Linux machine with the Debian packages of README.md beside this file, and installs the npm packages into
 * the folder TOOLS (a temporary one unless the environment names it). It is not a part of `npm test`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { browser } from './browser.mjs';
import { coverage } from './coverage.mjs';
import { javaAndDotnet } from './java-and-dotnet.mjs';
import { javascript } from './javascript.mjs';
import { otherLanguages } from './other-languages.mjs';
import { pythonAndGo } from './python-and-go.mjs';

const folder = path.join(import.meta.dirname, '../fixtures');
const indexFile = path.join(folder, 'index.json');
const tools = process.env.TOOLS ?? path.join(tmpdir(), 'gantry-report-tools');
const wanted = process.argv.slice(2);

installPackages();
const index = existsSync(indexFile) ? JSON.parse(readFileSync(indexFile, 'utf8')) : {};
for (const fixture of [
  ...pythonAndGo.fixtures,
  ...otherLanguages.fixtures,
  ...javaAndDotnet.fixtures,
  ...browser.fixtures,
  ...javascript.fixtures,
  ...coverage.fixtures,
]) {
  if (wanted.length > 0 && !wanted.some((name) => fixture.name.startsWith(name))) continue;
  try {
    index[fixture.name] = make(fixture);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${fixture.name}: ${String(error).slice(-2_000)}\n`);
  }
}
const sorted = Object.fromEntries(Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(indexFile, `${JSON.stringify(sorted, null, 2)}\n`);

function installPackages() {
  mkdirSync(tools, { recursive: true });
  if (!existsSync(path.join(tools, 'package.json'))) writeFileSync(path.join(tools, 'package.json'), '{}');
  writeFileSync(
    path.join(tools, 'serve.cjs'),
    "require('node:http').createServer((q, a) => a.end('{}')).listen(Number(process.argv[2]));",
  );
  if (existsSync(path.join(tools, 'node_modules'))) return;
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...javascript.packages], {
    cwd: tools,
    stdio: 'inherit',
  });
}

function make({ name, version, files, run, env = {}, counts, link = false, differs }) {
  const project = mkdtempSync(path.join(tmpdir(), 'project-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
      writeFileSync(path.join(project, file), text);
    }
    if (link || env.NODE_PATH)
      symlinkSync(path.join(tools, 'node_modules'), path.join(project, 'node_modules'));
    const shell = (command) =>
      spawnSync('bash', ['-c', command], {
        cwd: project,
        encoding: 'utf8',
        env: {
          ...process.env,
          FORCE_COLOR: '0',
          NO_COLOR: '1',
          CI: '1',
          HOME: project,
          TOOLS: tools,
          GOCACHE: '/tmp/gantry-go-cache',
          GOFLAGS: '-mod=mod',
          ...replaced(env),
        },
        timeout: 300_000,
      });
    const ran = shell(run);
    const printed = tidy(`${ran.stdout}\n${ran.stderr}`, project);
    const out = path.join(project, 'out');
    if (!existsSync(out))
      throw new Error(`${name}: no report (exit ${ran.status})\n${printed.slice(-1_500)}`);
    const to = path.join(folder, name);
    rmSync(to, { recursive: true, force: true });
    copy(out, to, project);
    const tool = shell(version).stdout.trim().split('\n')[0];
    const counted = counts ? counts(printed, project) : null;
    process.stdout.write(`${name}: exit ${ran.status}, ${JSON.stringify(counted)}\n`);
    if (process.env.SHOW) process.stdout.write(printed);
    return { version: tool, exit: ran.status, counts: counted, ...(differs ? { differs } : {}) };
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

function replaced(env) {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, value.replaceAll('$TOOLS', tools)]),
  );
}

function copy(from, to, project) {
  if (!statSync(from).isDirectory()) return writeFileSync(to, tidy(readFileSync(from, 'utf8'), project));
  mkdirSync(to, { recursive: true });
  // Allure writes attachments and containers beside its results.
  for (const [position, file] of readdirSync(from)
    .filter((each) => each.endsWith('-result.json'))
    .sort()
    .entries())
    writeFileSync(
      path.join(to, `${position}-result.json`),
      tidy(readFileSync(path.join(from, file), 'utf8'), project),
    );
}

/** Without what tells the machine or the person. */
function tidy(text, project) {
  const strip = String.fromCharCode(27);
  return text
    .replaceAll(new RegExp(`${strip}\\[[0-9;]*m`, 'g'), '')
    .replaceAll(`/private${project}`, '/project')
    .replaceAll(project, '/project')
    .replaceAll(tools, '/tools')
    .replaceAll(path.basename(project), 'project')
    .replaceAll(/(user|user-domain|machine-name)="[^"]*"/g, '$1="x"')
    .replaceAll(`"${hostname()}"`, '"host"');
}
