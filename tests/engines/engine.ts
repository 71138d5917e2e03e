import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { enginesFolder, rootsFolder } from './folders';

export const engineNames = ['d20', 'd26', 'd28', 'd28c', 'p54', 'p58'] as const;
export type EngineName = (typeof engineNames)[number];

/** Another container engine of this machine, in a network of its own. */
export interface OtherEngine {
  name: EngineName;
  /** As it says it itself, e.g. `Podman 5.8.6`. */
  version: string;
  /** Runs test files within the engine's network, by a config of vitest. */
  test(words: string[], env?: Record<string, string>): Promise<TestRun>;
  /** Ends it and removes what it has, unless it ran before. */
  close(): Promise<void>;
}

const assertion = z.object({
  fullName: z.string(),
  status: z.string(),
  failureMessages: z.array(z.string()).nullish(),
});
const testFile = z.object({
  name: z.string(),
  status: z.string(),
  message: z.string().nullish(),
  assertionResults: z.array(assertion),
});
const testResults = z.object({ testResults: z.array(testFile) });

export interface TestRun {
  files: z.infer<typeof testFile>[];
  output: string;
}

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const program = path.join(enginesFolder, 'engines');
const versionAnswer = z.object({
  Version: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

/** Brings an engine up, with the toolbox image in it. Makes the engines' roots when they are not there: two minutes. */
export async function startOtherEngine(name: EngineName, say: (line: string) => void): Promise<OtherEngine> {
  await makeRoots(say);
  const socket = path.join(rootsFolder, 'run', name, 'api.sock');
  const wasUp = await versionOf(socket).then(
    () => true,
    () => false,
  );
  const close = async () => {
    if (!wasUp) await run(program, ['down', name]);
  };
  try {
    if (!wasUp) {
      // What one that was killed has left.
      await rm(path.dirname(socket), { recursive: true, force: true });
      await run(program, ['up', name]);
      await run(program, ['dns', name]);
    }
    await run(program, ['toolbox', name]);
    const version = await versionOf(socket);
    return { name, version, test: (words, env) => testIn(name, words, env), close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

async function makeRoots(say: (line: string) => void): Promise<void> {
  const needed = ['usr/bin/podman', 'usr/sbin/dockerd', 'usr/bin/passt'];
  const unfinished = ['trixie', 'sid']
    .map((suite) => path.join(rootsFolder, suite))
    .filter((folder) => !needed.every((file) => existsSync(path.join(folder, file))));
  if (unfinished.length === 0) return;
  // What somebody left half-made is no beginning.
  for (const folder of unfinished) await rm(folder, { recursive: true, force: true });
  say('making the roots of the engines: about two minutes');
  await run(program, ['roots']);
}

async function versionOf(socketPath: string): Promise<string> {
  const text = await new Promise<string>((resolve, reject) => {
    const call = request({ socketPath, path: '/version', timeout: 10_000 }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    });
    call.on('error', reject);
    call.on('timeout', () => call.destroy(new Error(`${socketPath} does not answer`)));
    call.end();
  });
  const { Version, Components } = versionAnswer.parse(JSON.parse(text));
  const isPodman = Components?.some((part) => part.Name === 'Podman Engine') ?? false;
  return `${isPodman ? 'Podman' : 'Docker'} ${Version}`;
}

async function testIn(name: EngineName, words: string[], env: Record<string, string> = {}): Promise<TestRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-engine-tests-'));
  const file = path.join(folder, 'results.json');
  const vitest = [process.execPath, path.join(checkout, 'node_modules/vitest/vitest.mjs'), 'run'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const settings = { GANTRY_TEST_REQUIRE: 'docker', NO_COLOR: '1', ...env };
  const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  try {
    // Failed tests are a result; that there is none is a failure.
    const { output } = await tryRun(program, [
      'in',
      name,
      'env',
      ...assignments,
      ...vitest,
      ...words,
      ...reporters,
    ]);
    const json = await readFile(file, 'utf8').catch(() => {
      throw new Error(`the tests in ${name} left no results:\n${output.slice(-4_000)}`);
    });
    return { files: testResults.parse(JSON.parse(json)).testResults, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(command: string, words: string[]): Promise<void> {
  const { code, output } = await tryRun(command, words);
  if (code !== 0)
    throw new Error(`${path.basename(command)} ${words.join(' ')} ended with ${code}: ${output}`);
}

/** Not with the pipes alone: what `up` leaves running would keep them open. */
function tryRun(command: string, words: string[]): Promise<{ code: number | null; output: string }> {
  // A test inside a test is not to take itself for a worker of the outer one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^(VITEST|NODE_ENV$|TEST$|GANTRY_TEST_DATABASE_URL$)/.test(key),
    ),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd: checkout,
      env: { ...env, NODE_ENV: 'test', GROUND: rootsFolder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => setTimeout(() => resolve({ code, output }), 100));
  });
}
