import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
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
export const startLimitMs = 600_000;

const root = fileURLToPath(new URL('../..', import.meta.url));

const commands: Record<ServerKind, string[]> = {
  'npm start': ['lib/cli/serve.mjs'],
  'next start': ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1'],
  standalone: ['server.js'],
};

/** The servers that the built application runs under. */
export const servers = ['npm start', 'next start', 'standalone'] as const;
export type ServerKind = (typeof servers)[number];

/**
 * Starts the built application on a free port, with a data folder and a database of its own unless `env` has a
 * DATABASE_URL (empty for the embedded one).
 */
export async function startGantry({
  env = {},
  server: kind = 'npm start',
}: {
  env?: Record<string, string>;
  server?: ServerKind;
} = {}): Promise<RunningGantry> {
  await buildOnce(root);
  const port = kind === 'npm start' ? 0 : await freePort();
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'gantry-test-'));
  const database = 'DATABASE_URL' in env ? null : await openTestDatabase();
  const token = randomBytes(16).toString('hex');
  // Elsewhere, so that nothing of this checkout is within reach.
  const cwd = kind === 'standalone' ? path.join(dataFolder, 'standalone') : root;
  if (kind === 'standalone')
    await cp(path.join(root, '.next', 'standalone'), cwd, { recursive: true, verbatimSymlinks: true });
  const server = spawn(process.execPath, commands[kind], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      ...(kind === 'standalone' ? { HOSTNAME: '127.0.0.1' } : {}),
      NEXT_TELEMETRY_DISABLED: '1',
      GANTRY_DATA: dataFolder,
      GANTRY_BOOTSTRAP_TOKEN: token,
      GANTRY_LOG_LEVEL: 'warn',
      ...(database ? { DATABASE_URL: database.url } : {}),
      ...env,
    },
  });
  const stop = async () => {
    await end(server);
    // Processes that were handed over may still write there.
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
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
        // Next answers nothing before the application has started.
        else if (kind !== 'npm start' && line.includes('Ready in')) resolve(`http://127.0.0.1:${port}`);
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

async function freePort(): Promise<number> {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  taken.close();
  await once(taken, 'close');
  return address && typeof address === 'object' ? address.port : 0;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  const limit = setTimeout(() => server.kill('SIGKILL'), 25_000);
  await ended;
  clearTimeout(limit);
}
