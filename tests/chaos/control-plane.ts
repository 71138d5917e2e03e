import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildOnce } from '../support/build';
import { connectPlainly, type PlainApi } from '../support/plain-api';

/** A control plane that may be killed and comes back at the same address. */
export interface ControlPlane {
  name: string;
  api: PlainApi;
  /** Everything that it and those before it at this place have printed. */
  output(): string;
  isUp(): boolean;
  pid(): number | null;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
  /** Stops it and removes its data folder. */
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
export const token = 'chaos-chaos-chaos-chaos';

/** Not started yet. `env` has at least a DATABASE_URL (empty for the embedded database). */
export async function makeControlPlane(name: string, env: Record<string, string>): Promise<ControlPlane> {
  await buildOnce(root);
  const dataFolder = await mkdtemp(path.join(tmpdir(), `gantry-chaos-${name}-`));
  let port = '0';
  let process_: ChildProcess | null = null;
  let output = '';
  let api: PlainApi | null = null;

  async function start(): Promise<void> {
    const child = spawn(process.execPath, ['lib/cli/serve.mjs'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        PORT: port,
        GANTRY_DATA: dataFolder,
        GANTRY_BOOTSTRAP_TOKEN: token,
        GANTRY_LOG_LEVEL: 'warn',
        ...env,
      },
    });
    process_ = child;
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        output += `${line}\n`;
        const ready = /^Gantry is ready at (\S+)$/.exec(line)?.[1];
        if (ready) resolve(ready);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${name} ended with code ${code}:\n${output}`)));
    });
    port = new URL(url).port;
    api ??= await connectPlainly({ url, token, dataFolder });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = process_;
    process_ = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  return {
    name,
    get api() {
      if (!api) throw new Error(`${name} was never started`);
      return api;
    },
    output: () => output,
    isUp: () => process_ !== null && process_.exitCode === null && process_.signalCode === null,
    pid: () => process_?.pid ?? null,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async close() {
      await end('SIGTERM');
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Two that share what `env` says. They are closed by what is pushed to `closing`. */
export async function startTwo(
  closing: (() => unknown)[],
  env: Record<string, string>,
): Promise<[ControlPlane, ControlPlane]> {
  const planes: [ControlPlane, ControlPlane] = [
    await makeControlPlane('one', env),
    await makeControlPlane('two', env),
  ];
  for (const plane of planes) {
    closing.push(() => plane.close());
    await plane.start();
  }
  return planes;
}
