import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Builds the application, with its standalone server, unless that was done since a source changed. Test files run at the same time: one builds. */
export async function buildOnce(root: string): Promise<void> {
  const lock = path.join(root, 'node_modules', '.gantry-build-lock');
  while (!(await take(lock))) await sleep(200);
  try {
    await build(root);
  } finally {
    await rm(lock);
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    // Someone builds, or was ended while building.
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner && !isAlive(owner)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function build(root: string): Promise<void> {
  const next = path.join(root, '.next');
  if (!existsSync(path.join(next, 'standalone', 'server.js')))
    await rm(path.join(next, 'BUILD_ID'), { force: true });
  const script = `import('./lib/cli/prepare.mjs').then(({ buildWhenStale }) => buildWhenStale(process.cwd()))`;
  return new Promise((resolve, reject) => {
    // vitest sets NODE_ENV to test, which Next's build does not take.
    const dataFolder = path.join(root, 'node_modules', '.gantry-build-data');
    const env = {
      ...process.env,
      NODE_ENV: 'production' as const,
      GANTRY_STANDALONE: '1',
      GANTRY_DATA: dataFolder,
    };
    const child = spawn(process.execPath, ['-e', script], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the build failed:\n${output}`));
      else if (existsSync(dataFolder))
        reject(new Error(`the build started a control plane in ${dataFolder}`));
      else resolve();
    });
  });
}
