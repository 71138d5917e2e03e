import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { getServer, type Server } from '@/lib/server';
import { openTestDatabase } from '../support/database';
import { serveRoutes } from '../support/route-server';

export interface TestControlPlane {
  url: string;
  server(): Server;
  admin: string;
  agentToken(name?: string): Promise<{ id: string; token: string }>;
  call(path: string, init?: RequestInit & { token?: string }): Promise<Response>;
  post(path: string, body: object, token?: string): Promise<Response>;
  /** Stops answering, as a control plane that was ended; what it ran is handed over. */
  stop(): Promise<void>;
  /** Another one on the same database and port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface TestAgent {
  process: ChildProcess;
  output(): string;
  /** Resolves with the line. */
  until(text: string | RegExp): Promise<string>;
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
const sourceAgent = 'lib/agent/agent.mjs';

/** The composition root of the application in this process, its own routes on a port, a database of its own. */
export async function startControlPlane(
  env: Record<string, string> = {},
  /** Suites of the test's own, by id, in the place of the examples. */
  suites: Record<string, string> = {},
  host = '127.0.0.1',
): Promise<TestControlPlane> {
  const database = await openTestDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-'));
  const admin = randomBytes(16).toString('hex');
  for (const [id, text] of Object.entries(suites)) {
    await mkdir(path.join(folder, 'suites', id), { recursive: true });
    await writeFile(path.join(folder, 'suites', id, 'suite.yaml'), text);
  }
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    GANTRY_DATA: folder,
    GANTRY_SUITES: path.join(Object.keys(suites).length > 0 ? folder : root, 'suites'),
    GANTRY_BOOTSTRAP_TOKEN: admin,
    GANTRY_LOG_LEVEL: 'error',
    GANTRY_AGENT_LEASE_SECONDS: '6',
    ...env,
  });
  let server = await getServer();
  let http = await serveRoutes(0, host);

  const call: TestControlPlane['call'] = (at, { token = admin, ...init } = {}) =>
    fetch(http.url + at, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const plane: TestControlPlane = {
    url: http.url,
    server: () => server,
    admin,
    async agentToken(name = 'test') {
      const response = await plane.post('/api/v1/agents/tokens', { name });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    },
    call,
    post: (at, body, token) =>
      call(at, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
        ...(token ? { token } : {}),
      }),
    async stop() {
      await http.close();
      await server.close();
    },
    async start() {
      globalThis.gantryServer = undefined;
      server = await getServer();
      http = await serveRoutes(http.port, host);
    },
    async close() {
      await http.close();
      await server.close();
      globalThis.gantryServer = undefined;
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return plane;
}

/**
 * An agent, really, as a process of its own: that of the run, bundled of the sources as they are (see global-bundles.ts).
 * Another one where a folder is given: the bundle in it, or `npm run agent` in that of the sources.
 */
export function startAgentProcess(
  url: string,
  token: string,
  env: Record<string, string> = {},
  folder: string | null = null,
  /** Words before the command, e.g. of `ip netns exec`. */
  before: readonly string[] = [],
): TestAgent {
  const ofTheRun = process.env.GANTRY_TEST_AGENT ?? sourceAgent;
  const file = folder === null ? ofTheRun : folder === root ? sourceAgent : 'gantry-agent.mjs';
  const [command = '', ...words] = [...before, process.execPath, file];
  const agent = spawn(command, words, {
    cwd: folder ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GANTRY_URL: url,
      GANTRY_AGENT_TOKEN: token,
      GANTRY_AGENT_NAME: 'tester',
      ...(process.env.DOCKER_HOST ? { DOCKER_HOST: process.env.DOCKER_HOST } : {}),
      ...env,
    },
  });
  let output = '';
  let watchers: (() => void)[] = [];
  const take = (line: string) => {
    output += `${line}\n`;
    for (const watcher of watchers) watcher();
  };
  createInterface({ input: agent.stdout }).on('line', take);
  createInterface({ input: agent.stderr }).on('line', take);
  agent.once('exit', () => take('[ended]'));
  return {
    process: agent,
    output: () => output,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = output
            .split('\n')
            .find((each) => (typeof text === 'string' ? each.includes(text) : text.test(each)));
          if (line === undefined && !output.includes('[ended]')) return;
          watchers = watchers.filter((each) => each !== look);
          if (line === undefined) reject(new Error(`the agent ended first:\n${output}`));
          else resolve(line);
        };
        watchers.push(look);
        look();
      }),
    async end(signal = 'SIGKILL') {
      if (agent.exitCode !== null || agent.signalCode !== null) return agent.exitCode;
      const ended = once(agent, 'exit');
      agent.kill(signal);
      await ended;
      return agent.exitCode;
    },
  };
}
