import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';
import { composeTool } from './oracle';

const limitMs = 300_000;
const run = promisify(execFile);
const image = 'image: gantry/toolbox:local';
const serve = `["node", "-e", "require('http').createServer((q, s) => s.end('ok')).listen(8080)"]`;
const api = `  api:
    ${image}
    command: ${serve}
    ports: ["8080"]
    stop_grace_period: 1s
`;

function sut(script: string, more = ''): string {
  return `  sut:\n    ${image}\n    command: ["sh", "-c", ${JSON.stringify(script)}]\n${more}`;
}

const needsApi = '    depends_on: [api]\n';
const ask = 'i=0; while [ $$i -lt 50 ] && ! wget -qO- http://api:8080; do i=$$((i+1)); sleep 0.2; done; ';

/** Compose files with how `up --exit-code-from sut` ends, and how the execution does. */
const runs: { name: string; yaml: string; files?: Record<string, string>; exit: number; status: string }[] = [
  {
    name: 'a test that passes',
    yaml: api + sut(`${ask}wget -qO- http://api:8080`, needsApi),
    exit: 0,
    status: 'passed',
  },
  { name: 'a test that fails', yaml: api + sut(`${ask}exit 3`, needsApi), exit: 3, status: 'failed' },
  {
    name: 'a service that becomes healthy late',
    yaml: `${api.replace('sleep', '')}    healthcheck: { test: ["CMD", "wget", "-qO-", "http://127.0.0.1:8080"], interval: 1s, retries: 20 }\n${sut('wget -qO- http://api:8080', '    depends_on: { api: { condition: service_healthy } }\n')}`,
    exit: 0,
    status: 'passed',
  },
  {
    name: 'a task that fails',
    yaml: `  migrate: { ${image}, command: ["sh", "-c", "exit 5"] }\n${sut('true', '    depends_on: { migrate: { condition: service_completed_successfully } }\n')}`,
    exit: 1,
    status: 'failed',
  },
  {
    name: 'files and folders of the package',
    yaml: sut(
      'cat /etc/one/word.txt /data/word.txt | grep -c hello | grep 2',
      '    volumes: ["./word.txt:/etc/one/word.txt:ro", "./:/data:ro"]\n',
    ),
    files: { 'word.txt': 'hello\n' },
    exit: 0,
    status: 'passed',
  },
  {
    name: 'user, folder, variables and memory file systems',
    yaml: sut(
      'test "$$(id -u)" = 1000 && test "$$(pwd)" = /tmp && test "$$A-$$B" = 8-1.1 && touch /scratch/x',
      '    user: "1000:1000"\n    working_dir: /tmp\n    environment: { A: 010, B: 1.10 }\n    tmpfs: /scratch\n',
    ),
    exit: 0,
    status: 'passed',
  },
  {
    name: 'a command that loses its pipe',
    yaml: `  sut:\n    ${image}\n    command: echo one | false\n`,
    exit: 0,
    status: 'passed',
  },
  {
    name: 'an entry point with arguments and an env file',
    yaml: `  sut:\n    ${image}\n    entrypoint: ["sh", "-c", "test \\"$$1-$$X\\" = one-two", "sh"]\n    command: [one]\n    env_file: my.env\n`,
    files: { 'my.env': 'X=two # a comment\n' },
    exit: 0,
    status: 'passed',
  },
];

describeWith('docker', 'A Compose file on Docker', () => {
  let root: string;
  let gantry: RealEngine;
  const idOf = (index: number) => `compose-run-${index}`;

  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    root = mkdtempSync(path.join(tmpdir(), 'gantry-compose-run-'));
    for (const [index, { yaml, files = {} }] of runs.entries()) {
      const folder = path.join(root, idOf(index));
      mkdirSync(folder);
      const all = { 'compose.yaml': `services:\n${yaml}`, ...files };
      for (const [file, text] of Object.entries(all)) writeFileSync(path.join(folder, file), text);
    }
    gantry = await startRealEngine({ suiteRoots: [root] });
  }, limitMs);

  afterAll(async () => {
    await gantry?.close();
    rmSync(root, { recursive: true, force: true });
  });

  for (const [index, { name, status }] of runs.entries()) {
    it(`ends as it should: ${name}`, { timeout: limitMs }, async () => {
      const execution = await gantry.run({ suiteId: idOf(index), backend: 'local' });
      expect([execution.status, execution.cause?.sentence ?? null]).toEqual([
        status,
        status === 'passed' ? null : expect.any(String),
      ]);
    });
  }

  const tool = composeTool();
  it.skipIf(tool === null)(
    'ends as `docker compose up --exit-code-from` does (skipped without the docker-compose program: set GANTRY_TEST_COMPOSE)',
    { timeout: 4 * limitMs },
    async () => {
      const ends: [string, number][] = [];
      for (const [index, { name }] of runs.entries())
        ends.push([name, await upWith(tool ?? '', path.join(root, idOf(index)))]);
      expect(ends).toEqual(runs.map(({ name, exit }) => [name, exit]));
    },
  );
});

/** The exit code of `up --exit-code-from sut`; what it made is removed. */
async function upWith(tool: string, cwd: string): Promise<number> {
  try {
    await run(tool, ['up', '--exit-code-from', 'sut'], { cwd });
    return 0;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : -1;
  } finally {
    await run(tool, ['down', '--timeout', '0', '--volumes'], { cwd });
  }
}
