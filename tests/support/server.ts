import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildOnce } from './build';
import { openTestDatabase } from './database';

export interface RunningGantry {
  url: string;
  /** An admin's. */
  token: string;
  dataFolder: string;
  process: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  /** Calls the API; rejects with the answer's text unless it is a success. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Ends it, and removes its data and database. */
  stop(): Promise<void>;
}

/** For the hook that starts it: the first one on a machine builds the application. */
export const startLimitMs = 300_000;

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * `npm start` on a free port, with a data folder and a database of its own unless `env` has a DATABASE_URL (empty for
 * the embedded one).
 */
export async function startGantry({
  env = {},
}: {
  env?: Record<string, string>;
} = {}): Promise<RunningGantry> {
  await buildOnce(root);
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'gantry-test-'));
  const database = 'DATABASE_URL' in env ? null : await openTestDatabase();
  const token = randomBytes(16).toString('hex');
  const server = spawn(process.execPath, ['lib/cli/serve.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: '0',
      GANTRY_DATA: dataFolder,
      GANTRY_BOOTSTRAP_TOKEN: token,
      GANTRY_LOG_LEVEL: 'warn',
      ...(database ? { DATABASE_URL: database.url } : {}),
      ...env,
    },
  });
  const stop = async () => {
    await end(server);
    await rm(dataFolder, { recursive: true, force: true });
    await database?.drop();
  };
  let output = '';
  server.stderr.on('data', (chunk) => {
    output += chunk;
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: server.stdout }).on('line', (line) => {
        output += `${line}\n`;
        const ready = /^Gantry is ready at (\S+)$/.exec(line)?.[1];
        if (ready) resolve(ready);
      });
      server.once('error', reject);
      server.once('exit', (code) => reject(new Error(`Gantry ended with code ${code}:\n${output}`)));
    });
    const call = async (at: string, init: RequestInit = {}) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...init.headers,
      };
      const response = await fetch(new URL(at, url), { ...init, headers });
      if (!response.ok)
        throw new Error(`${init.method ?? 'GET'} ${at}: ${response.status} ${await response.text()}`);
      return response;
    };
    await call('/healthz');
    return { url, token, dataFolder, process: server, output: () => output, call, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  const limit = setTimeout(() => server.kill('SIGKILL'), 25_000);
  await ended;
  clearTimeout(limit);
}
