import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../clock';
import { CommandError, exitCodes } from '../exit-codes';

/** A control plane that lives as long as one command. */
export interface EmbeddedServer {
  url: string;
  token: string;
  /** Ends it and removes all that it has stored. */
  stop(): Promise<void>;
}

interface EmbeddedOptions {
  /** The folder of the package. */
  root: string;
  suiteRoots: readonly string[];
  env: Record<string, string | undefined>;
  signal: AbortSignal;
}

const startLimitMs = 120_000;
/** These would lead it to the data of another control plane. */
const notInherited = ['DATABASE_URL', 'REDIS_URL', 'GANTRY_URL', 'GANTRY_TOKEN', 'GANTRY_CONTEXT'];

/** Starts a control plane on a free port of this machine, with an embedded database in a temporary folder. */
export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'gantry-run-'));
  const token = randomBytes(24).toString('hex');
  const server = spawn(process.execPath, [path.join(options.root, 'lib/cli/serve.mjs'), '--with-parent'], {
    // A process group of its own: Ctrl-C is for the command, which still needs the server for the clean-up.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: environmentOf(options, dataFolder, token),
  });
  const stop = async () => {
    await end(server);
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    return { url: await untilReady(server, options.signal), token, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf({ env, suiteRoots }: EmbeddedOptions, dataFolder: string, token: string) {
  const inherited = Object.entries(env).filter(([name]) => !notInherited.includes(name));
  return {
    GANTRY_PROCESS_BACKEND: 'auto',
    GANTRY_LOG_LEVEL: 'error',
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production' as const,
    PORT: '0',
    GANTRY_HOST: '127.0.0.1',
    GANTRY_DATA: dataFolder,
    GANTRY_SUITES: suiteRoots.join(path.delimiter),
    GANTRY_BOOTSTRAP_TOKEN: token,
    GANTRY_SUITE_SCHEDULES: '0',
  };
}

function untilReady(server: ChildProcess, signal: AbortSignal): Promise<string> {
  const settled = new AbortController();
  const ready = new Promise<string>((resolve, reject) => {
    if (server.stdout) {
      createInterface({ input: server.stdout }).on('line', (line) => {
        const url = /^Gantry is ready at (\S+)$/.exec(line)?.[1];
        if (url) resolve(url);
      });
    }
    const fail = (why: string) => reject(new CommandError(exitCodes.errored, why));
    server.once('error', (error) => fail(`The control plane for this run does not start: ${error.message}`));
    server.once('exit', (code) => fail(`The control plane for this run ended with code ${code}.`));
    signal.addEventListener('abort', () => reject(new CommandError(exitCodes.stopped, 'stopped.')));
    const late = () => fail(`The control plane for this run did not start within ${startLimitMs / 1000} s.`);
    void systemClock.sleep(startLimitMs, settled.signal).then(late);
  });
  // A timer that goes on would keep the command from ending.
  return ready.finally(() => settled.abort());
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const ended = once(server, 'exit');
  // It has 20 s to end, and then ends itself.
  server.kill('SIGTERM');
  await ended;
}
