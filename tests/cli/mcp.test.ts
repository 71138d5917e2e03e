import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const clients: Client[] = [];
let root: string;
let receiver: OtlpReceiver;
let gantry: RunningGantry;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gantry-mcp-'));
  makeSuiteFolder(
    `title: Counts
steps:
  first: { kind: task, run: "echo begins" }
  count:
    kind: test
    after: first
    run: 'for n in $(seq 1 100); do echo "number $n"; done; echo "Error: no cart" >&2; exit "\${CODE:-0}"'
  last: { kind: task, after: count, run: "echo over" }`,
    path.join(root, 'counts'),
  );
  makeSuiteFolder('steps: { main: { kind: tsk } }', path.join(root, 'invalid'));
  receiver = await startOtlpReceiver();
  gantry = await startGantry({
    env: {
      GANTRY_SUITES: root,
      GANTRY_PROCESS_BACKEND: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=shop',
    },
  });
}, startLimitMs);

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

afterAll(async () => {
  await gantry?.stop();
  await receiver?.close();
  await rm(root, { recursive: true, force: true });
});

async function connect(token: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [fileURLToPath(new URL('../../lib/cli/gantry.mjs', import.meta.url)), 'mcp'],
      env: { PATH: process.env.PATH ?? '', GANTRY_URL: gantry.url, GANTRY_TOKEN: token },
    }),
  );
  clients.push(client);
  return client;
}

const toolAnswer = z.object({
  content: z.array(z.object({ text: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

async function call(client: Client, name: string, given: Record<string, unknown> = {}) {
  const result = toolAnswer.parse(await client.callTool({ name, arguments: given }));
  const text = result.content.map((each) => each.text).join('\n');
  return { text, data: result.structuredContent ?? {}, isError: result.isError === true };
}

it('lets an assistant launch a suite, wait, understand why it failed, and run it again', {
  timeout: limitMs,
}, async () => {
  const client = await connect(gantry.token);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'cancel_execution',
    'explain_failure',
    'launch_suite',
    'list_executions',
    'list_suites',
    'read_log',
    'rerun_execution',
    'wait_for_execution',
  ]);
  const suites = await call(client, 'list_suites');
  expect(suites.text).toContain('counts: Counts (profiles: default)');
  expect(suites.text).toMatch(/not valid: .*invalid\/suite\.yaml:1:\d+/);

  const launched = await call(client, 'launch_suite', {
    suite: 'counts',
    backend: 'process',
    env: { CODE: '3' },
    labels: { by: 'assistant' },
  });
  const execution = String(launched.data.id);
  const told: string[] = [];
  const ended = toolAnswer.parse(
    await client.callTool({ name: 'wait_for_execution', arguments: { execution } }, undefined, {
      onprogress: ({ message }) => told.push(message ?? ''),
      timeout: limitMs,
    }),
  );
  expect(ended.structuredContent).toMatchObject({ status: 'failed', isFinished: true, suite: 'counts' });
  expect(told.at(-1)).toBe('3 of 3 steps have ended');

  const explained = await call(client, 'explain_failure', { execution });
  expect(explained.text).toContain('✕ count: ');
  expect(explained.text).toContain('it took along 1 step: last');
  const [, number = ''] = /^(\d+): number 90$/m.exec(explained.text) ?? [];
  const around = await call(client, 'read_log', { execution, step: 'count', line: Number(number), limit: 5 });
  const numbers = around.text.split('\n').map((line) => line.replace(/^\d+: /, ''));
  expect(numbers).toHaveLength(5);
  expect(numbers).toContain('number 90');
  const found = await call(client, 'read_log', { execution, step: 'count', contains: 'NO CART' });
  expect(found.text).toMatch(/^\d+: Error: no cart$/);
  expect(await call(client, 'read_log', { execution, step: 'nowhere' })).toMatchObject({ isError: true });

  const again = await call(client, 'rerun_execution', { execution, only: 'failed' });
  await call(client, 'wait_for_execution', { execution: again.data.id });
  const list = await call(client, 'list_executions', { suite: 'counts' });
  expect(list.data.executions).toMatchObject([
    { id: again.data.id, status: 'failed' },
    { id: execution, status: 'failed' },
  ]);

  // The built application exports the trace of each.
  const exported = await receiver.until(({ attributes }) => attributes['gantry.execution.id'] === execution);
  expect(exported.attributes['cicd.pipeline.result']).toBe('failure');
  expect(receiver.headers[0]).toMatchObject({ 'x-team': 'shop', 'content-type': 'application/x-protobuf' });
});

it('does what the token may do, and says what it may not', { timeout: limitMs }, async () => {
  const made = await gantry.call('/api/v1/tokens', {
    method: 'POST',
    body: JSON.stringify({ name: 'reader', role: 'viewer' }),
  });
  const { token } = z.object({ token: z.string() }).parse(await made.json());
  const client = await connect(token);
  expect(await call(client, 'list_suites')).toMatchObject({ isError: false });
  const refused = await call(client, 'launch_suite', { suite: 'counts', backend: 'process' });
  expect(refused).toMatchObject({ isError: true, text: expect.stringMatching(/member/) });
  expect(await call(client, 'explain_failure', { execution: 'nothing' })).toMatchObject({
    isError: true,
    text: expect.stringContaining('There is no execution nothing'),
  });
  const stranger = await connect('a token that is not known');
  expect(await call(stranger, 'list_suites')).toMatchObject({ isError: true });
});
