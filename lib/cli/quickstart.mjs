// `npm run quickstart`: everything from a clean clone to a suite that ran, with the page open to look at.
// Plain JavaScript without packages: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildWhenStale, installWhenStale } from './prepare.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const exitAtEnd = process.argv.includes('--exit');
process.chdir(root);

// The quickstart is on the embedded database, whatever else this shell is set up for.
const { DATABASE_URL: _, ...environment } = process.env;
const env = { GANTRY_PROCESS_BACKEND: 'auto', GANTRY_DATA: path.resolve('.gantry'), ...environment };

await main().catch((error) => {
  console.error(`\nquickstart: ${error.message}`);
  process.exit(1);
});

async function main() {
  installWhenStale(root);
  if (dockerAnswers()) {
    step('Making the toolbox image for the example suites');
    const toolbox = spawnSync(process.execPath, ['lib/cli/gantry.mjs', 'toolbox'], { stdio: 'inherit', env });
    if (toolbox.status !== 0) throw new Error('the toolbox image could not be made; the lines above say why');
  } else {
    step('Docker is not reachable: the example runs as plain processes of this machine, without isolation');
  }
  buildWhenStale(root);

  step('Starting Gantry');
  mkdirSync(env.GANTRY_DATA, { recursive: true });
  const server = spawn(process.execPath, ['lib/cli/serve.mjs', '--any-port'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const forward = (signal) => server.kill(signal);
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
  const ended = new Promise((resolve) => server.once('exit', (code) => resolve(code ?? 1)));
  const url = await Promise.race([
    untilReady(server),
    ended.then((code) => Promise.reject(new Error(`Gantry ended with code ${code}`))),
  ]);

  step('Running the example suite hello');
  const client = { stdio: 'inherit', env: { ...env, GANTRY_URL: url, GANTRY_TOKEN: tokenOfServer() } };
  const run = spawn(process.execPath, ['lib/cli/gantry.mjs', 'run', 'hello'], client);
  const code = await new Promise((resolve) => run.once('exit', (value) => resolve(value ?? 1)));
  if (exitAtEnd) {
    server.kill('SIGTERM');
    await ended;
    process.exit(code);
  }
  step('Gantry stays up; Ctrl-C stops it. Open this link to look at it (it signs you in, once):');
  spawnSync(process.execPath, ['lib/cli/gantry.mjs', 'sign-in'], client);
  process.exit(await ended);
}

/** The address that the server prints when it answers. Goes on printing what it says. */
function untilReady(server) {
  return new Promise((resolve) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const url = /^Gantry is ready at (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
      console.log(line);
    });
  });
}

function tokenOfServer() {
  if (env.GANTRY_BOOTSTRAP_TOKEN) return env.GANTRY_BOOTSTRAP_TOKEN;
  const file = path.join(env.GANTRY_DATA, 'admin-token');
  if (!existsSync(file))
    throw new Error(`there is no token in ${file}; remove the data folder, or set GANTRY_TOKEN`);
  return readFileSync(file, 'utf8').trim();
}

function dockerAnswers() {
  const script = "new (require('dockerode'))().ping().then(() => process.exit(0), () => process.exit(1))";
  return spawnSync(process.execPath, ['-e', script], { env, timeout: 10_000 }).status === 0;
}

function step(text) {
  console.log(`\n▸ ${text}`);
}
