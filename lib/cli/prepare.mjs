// What has to be there before Gantry's own code can run. Plain JavaScript without packages.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';

const least = [20, 9];
const sources = [
  'app',
  'lib',
  'drizzle',
  'public',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.ts',
  'package-lock.json',
];

/** Installs the packages of the lock file unless that was done already. Throws when it fails. */
export function installWhenStale(root) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    throw new Error(`Gantry needs Node ${least.join('.')} or newer; this is ${process.versions.node}`);
  }
  const done = path.join(root, 'node_modules', '.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('\n▸ Installing the packages (about a minute the first time)');
  // Also where NODE_ENV is production: the tests need what npm would leave out, and would not be installed later.
  npm(root, ['ci', '--include=dev', '--no-audit', '--no-fund']);
  // npm keeps the time of the newest package; ours is the time of this install.
  const now = new Date();
  utimesSync(done, now, now);
}

/** Builds the application unless the build is newer than every source. Throws when it fails. */
export function buildWhenStale(root) {
  const id = path.join(root, '.next', 'BUILD_ID');
  const newest = Math.max(...sources.map((each) => newestIn(path.join(root, each))));
  if (existsSync(id) && statSync(id).mtimeMs >= newest) return;
  console.log('\n▸ Building (about a minute the first time)');
  npm(root, ['run', 'build']);
}

function npm(root, words) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  const shell = process.platform === 'win32';
  const result = spawnSync('npm', words, { cwd: root, stdio: 'inherit', env, shell });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`npm ${words.join(' ')} failed with code ${result.status}`);
}

function newestIn(file) {
  if (!existsSync(file)) return 0;
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newestIn(path.join(file, name))));
}
