import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildOnce } from '../support/build';

// `npm run pack:check`: packs Gantry, installs the tarball into an empty folder, and runs a suite and a Compose file
// with it, as somebody does who has nothing else of Gantry. As root it runs as a user who may not write to the package.

const root = fileURLToPath(new URL('../..', import.meta.url));
const nobody = 65_534;

await buildOnce(root);
const folder = mkdtempSync(path.join(tmpdir(), 'gantry-packaging-'));
try {
  const packed = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], root));
  const [{ filename, size, unpackedSize, files }] = packed;
  const unwanted = files
    .map((file: { path: string }) => file.path)
    .filter((file: string) => /\.map$|^\.next\/cache|^tests\/|\.nft\.json$/.test(file));
  if (unwanted.length > 0) throw new Error(`The tarball has what it should not: ${unwanted.join(', ')}`);
  console.log(`${filename}: ${megabytes(size)}, ${megabytes(unpackedSize)} unpacked`);

  run('npm', ['install', '--no-audit', '--no-fund', path.join(folder, filename)], folder);
  const home = path.join(folder, 'home');
  mkdirSync(home);
  cpSync(path.join(root, 'suites', 'hello'), path.join(folder, 'hello'), { recursive: true });
  if (process.getuid?.() === 0) {
    chmodSync(folder, 0o755);
    chownSync(home, nobody, nobody);
  }
  const env = { HOME: home, DATABASE_URL: '', GANTRY_PROCESS_BACKEND: '1' };
  const ran = asNobody(['node_modules/.bin/gantry', 'run', './hello', '--backend', 'process'], env);
  if (!ran.includes('passed in')) throw new Error(`hello did not pass:\n${ran}`);
  console.log('gantry run ./hello: passed');
  if (existsSync(path.join(folder, 'node_modules', 'tailwindcss')))
    throw new Error('What only the build needs was installed: tailwindcss');
} finally {
  rmSync(folder, { recursive: true });
}

function asNobody(words: string[], env: Record<string, string>): string {
  if (process.getuid?.() !== 0) return run(process.execPath, words, folder, env);
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  return run('setpriv', [...user, process.execPath, ...words], folder, env);
}

function run(program: string, words: string[], cwd: string, env: Record<string, string> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 300_000,
  });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${program} ${words.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
