import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Execution } from '@/lib/model/execution';
import { makeSuiteFolder } from '../suites/suite-folder';
import { buildOnce } from '../support/build';
import { openTestDatabase } from '../support/database';
import { startGantry, startLimitMs } from '../support/server';
import { runCommand } from './run-command';

const limitMs = 300_000;
const serve = 'lib/cli/serve.mjs';
let folder: string;

beforeAll(() => buildOnce(fileURLToPath(new URL('../..', import.meta.url))), startLimitMs);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-serve-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('npm start', () => {
  it('says so when its port is taken', { timeout: limitMs }, async () => {
    const taken = createServer();
    const port = await new Promise<string>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(String(typeof address === 'object' ? address?.port : ''));
      });
    });
    const { code, stderr } = await runCommand(serve, [], { PORT: port, GANTRY_DATA: folder });
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Port ${port} on 127.0.0.1 is taken. Choose another one with PORT=..., or stop what uses it.\n`,
    );
  });

  it.each([
    [{ PORT: 'http' }, ['PORT: expected a port from 0 to 65535, found "http"']],
    [{ PORT: '70000' }, ['PORT: expected a port from 0 to 65535, found "70000"']],
    [
      { PORT: '0', GANTRY_LOG_LEVEL: 'loud', GANTRY_MAX_STEPS: 'many', DATABASE_URL: 'mysql://x:secret@h/d' },
      [
        'GANTRY_LOG_LEVEL: expected ',
        'GANTRY_MAX_STEPS: expected a whole number, found "many"',
        'DATABASE_URL: expected a URL such as postgres',
      ],
    ],
    [
      { PORT: '0', GANTRY_BOOTSTRAP_TOKEN: 'short' },
      ['GANTRY_BOOTSTRAP_TOKEN: expected at least 16 characters'],
    ],
  ])('names every setting that is wrong, and no secret: %j', { timeout: limitMs }, async (env, messages) => {
    const { code, stderr, stdout } = await runCommand(serve, [], { GANTRY_DATA: folder, ...env });
    expect(code).toBe(1);
    expect(stderr).toContain('Gantry cannot start with these settings:');
    for (const message of messages) expect(stderr).toContain(`  ${message}`);
    expect(stderr + stdout).not.toMatch(/secret|short|\n\s+at /);
  });

  it('says so when its database cannot be reached', { timeout: limitMs }, async () => {
    const { code, stderr, stdout } = await runCommand(serve, [], {
      PORT: '0',
      GANTRY_DATA: folder,
      DATABASE_URL: 'postgres://gantry:geheim@127.0.0.1:1/gantry',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('127.0.0.1');
    expect(stderr + stdout).not.toContain('geheim');
  });

  it('refuses a data folder that another one uses, names it, and does it no harm', {
    timeout: limitMs,
  }, async () => {
    const first = await startGantry({ env: { DATABASE_URL: '' } });
    try {
      const { code, stderr } = await runCommand(serve, [], { PORT: '0', GANTRY_DATA: first.dataFolder });
      expect(code).toBe(1);
      expect(stderr).toContain(String(first.process.pid));
      expect(stderr).toContain(first.dataFolder);
      await first.call('/api/v1/executions');
    } finally {
      await first.stop();
    }
  });
});

describe('SIGTERM', () => {
  it('hands over what runs: the next start goes on with it', { timeout: limitMs }, async () => {
    const database = await openTestDatabase('empty');
    const suites = path.join(folder, 'suites');
    makeSuiteFolder(
      'steps: { count: { kind: task, run: "n=0; until [ -e $STOP ]; do n=$((n+1)); echo $n; sleep 0.1; done" } }',
      path.join(suites, 'counts'),
    );
    const token = 'a-token-for-both-of-them';
    const authorization = `Bearer ${token}`;
    const stopFile = path.join(folder, 'stop');
    const env = {
      DATABASE_URL: database.url,
      GANTRY_DATA: path.join(folder, 'data'),
      GANTRY_SUITES: suites,
      GANTRY_PROCESS_BACKEND: '1',
      GANTRY_BOOTSTRAP_TOKEN: token,
    };
    try {
      const first = await startGantry({ env });
      onTestFinished(() => first.stop());
      const body = JSON.stringify({ suiteId: 'counts', env: { STOP: stopFile }, backend: 'process' });
      const { id } = await (
        await first.call('/api/v1/executions', { method: 'POST', body, headers: { authorization } })
      ).json();
      const printed = await first.call(`/api/v1/executions/${id}/logs`, {
        headers: { authorization, accept: 'text/event-stream' },
      });
      await printed.body?.getReader().read();
      first.process.kill('SIGTERM');
      const code = await new Promise((resolve) => first.process.once('exit', resolve));
      expect(code).toBe(0);

      const second = await startGantry({ env });
      try {
        await writeFile(stopFile, '');
        const events = await second.call(`/api/v1/executions/${id}/events`, {
          headers: { authorization, accept: 'text/event-stream' },
        });
        expect(await events.text()).toContain('event: end');
        const execution: Execution = await (
          await second.call(`/api/v1/executions/${id}`, { headers: { authorization } })
        ).json();
        expect(execution.status).toBe('passed');
        expect(execution.steps[0]?.attempts).toHaveLength(1);
        const text = await (
          await second.call(`/api/v1/executions/${id}/logs?format=text`, { headers: { authorization } })
        ).text();
        const numbers = text
          .split('\n')
          .filter((line) => /^\d+$/.test(line))
          .map(Number);
        expect(numbers).toEqual(numbers.map((_, position) => position + 1));
      } finally {
        await second.stop();
      }
    } finally {
      await database.drop();
    }
  });
});
