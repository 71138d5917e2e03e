import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../../clock';
import type { DataFolder } from './data-folder';
import { cannotRun, programEnv } from './run-to-end';
import { stopServer } from './stop-server';

export interface ServerProcess {
  pid: number;
  /** Settles when it has ended, for whatever reason. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

const pollMs = 10;
const startLimitMs = 120_000;
const logLimitBytes = 8 * 1024 * 1024;

/** Starts the server in a process group of its own, so that a Ctrl-C in the terminal does not reach it. */
export async function startServer(
  { clock }: { clock: Clock },
  folder: DataFolder,
  native: string,
  port: number,
): Promise<ServerProcess> {
  const logFile = path.join(folder.folder, 'server.log');
  const logStart = await makeRoom(logFile);
  const log = await open(logFile, 'a', 0o600);
  const program = path.join(native, 'bin', 'postgres');
  let child: ChildProcess;
  try {
    child = spawn(program, [...settings(port), '-D', folder.data], {
      ...(folder.user ?? {}),
      cwd: '/',
      env: programEnv,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
  } finally {
    await log.close();
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(cannotRun(program, error.message).message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let isEnded = false;
  void ended.then(() => {
    isEnded = true;
  });
  const stopAtExit = () => child.kill('SIGINT');
  process.once('exit', stopAtExit);
  void ended.then(() => process.off('exit', stopAtExit));
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    ended,
    stop: () =>
      stopServer(
        { clock },
        () => isEnded,
        (signal) => child.kill(signal),
      ),
  };
  const deadline = clock.monotonicMs() + startLimitMs;
  while (!(await isReady(folder.data, server.pid))) {
    if (isEnded)
      throw new Error(`PostgreSQL did not start: ${await ended}\n${await tail(logFile, logStart)}`);
    if (clock.monotonicMs() > deadline) {
      await server.stop();
      throw new Error(`PostgreSQL was not ready within ${startLimitMs / 1000} s: see ${logFile}`);
    }
    await clock.sleep(pollMs);
  }
  return server;
}

function settings(port: number): string[] {
  const given = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    // No replicas: less to write.
    wal_level: 'minimal',
    max_wal_senders: 0,
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    timezone: 'UTC',
    jit: 'off',
  };
  return Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** PostgreSQL writes its process id in the first and its state in the eighth line. */
async function isReady(data: string, pid: number): Promise<boolean> {
  const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

async function makeRoom(logFile: string): Promise<number> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size < logLimitBytes) return size;
  await truncate(logFile);
  return 0;
}

async function tail(logFile: string, from: number): Promise<string> {
  const text = (await readFile(logFile)).subarray(from).toString();
  return text.trim().split('\n').slice(-5).join('\n');
}
