import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolboxImage } from '@/lib/backends/process/can-run-on-process';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { type RealEngine, startRealEngine } from '../support/real-engine';
import { describeWith } from '../support/requirements';

/** With something for every encoding to do. */
const secret = 'pa/ss "w&rd"+<é>\\17';
const bytes = Buffer.from(secret);
const encodings = {
  plain: secret,
  json: JSON.stringify(secret).slice(1, -1),
  'json in json': JSON.stringify(JSON.stringify(secret)),
  url: encodeURIComponent(secret),
  form: new URLSearchParams({ secret }).toString().slice('secret='.length),
  base64: bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
  'base64 in a text': Buffer.from(`:${secret}`).toString('base64').slice(2, -3),
  'base64 url': bytes.toString('base64url').slice(0, -1),
  hex: bytes.toString('hex'),
};

/** Prints and writes each encoding in two writes, cut at each byte, to both streams and to files. */
const printer = `
import { writeFileSync, writeSync, createWriteStream, mkdirSync } from 'node:fs';
const secret = process.env.TOKEN;
const bytes = Buffer.from(secret);
const texts = [
  secret, JSON.stringify({ secret }), JSON.stringify(JSON.stringify({ secret })), encodeURIComponent(secret),
  new URLSearchParams({ secret }).toString(), bytes.toString('base64'),
  Buffer.from(':' + secret).toString('base64'), Buffer.from('::' + secret + '::').toString('base64'),
  bytes.toString('base64url'), bytes.toString('hex'),
];
for (const text of texts) {
  const line = Buffer.from(text + '\\n');
  for (let cut = 1; cut < line.length; cut += 1) {
    for (const stream of [1, 2]) {
      writeSync(stream, line.subarray(0, cut));
      writeSync(stream, line.subarray(cut));
    }
  }
}
// Across the pieces of a line of more than 1 MiB.
writeSync(1, Buffer.concat([Buffer.alloc(2 ** 20 - 7, 'x'), bytes, Buffer.from('\\n')]));
const folder = process.env.GANTRY_ARTIFACTS;
mkdirSync(folder + '/reports', { recursive: true });
const file = createWriteStream(folder + '/all.txt');
for (const text of texts) for (const byte of Buffer.from(text)) file.write(Buffer.of(byte));
file.end();
const numbered = [...secret].map((char) => '&#' + char.codePointAt(0) + ';').join('');
const xml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
writeFileSync(folder + '/reports/junit.xml',
  '<testsuite><testcase name="' + xml + '"><failure message="' + xml + '">' + xml + '</failure></testcase><testcase name="' + numbered + '"/></testsuite>');
process.exitCode = 1;
`;

const suite = `
defaults: { image: "${toolboxImage}" }
steps:
  probed:
    kind: service
    run: node -e "setInterval(() => {}, 1000)"
    ready: { exec: 'echo "not yet: $TOKEN"; exit 1', interval: 100ms, timeout: 1s }
  printer:
    kind: test
    run: node print.mjs
    expect_exit: [0, 1]
    fail_on_logs: ["/pa.ss/"]
    export: [{ path: reports/junit.xml, format: junit, required: false }, "*.txt"]
`;

const root = mkdtempSync(path.join(tmpdir(), 'gantry-leaks-'));
let gantry: RealEngine;

beforeAll(async () => {
  const folder = path.join(root, 'leaky');
  mkdirSync(path.join(folder, 'profiles'), { recursive: true });
  writeFileSync(path.join(folder, 'suite.yaml'), suite);
  writeFileSync(path.join(folder, 'print.mjs'), printer);
  writeFileSync(
    path.join(folder, 'profiles', 'default.yaml'),
    'secrets: [{ key: TOKEN, from: "env:LEAKY" }]\n',
  );
  gantry = await startRealEngine({ suiteRoots: [root], env: { LEAKY: secret } });
});
afterAll(async () => {
  await gantry?.close();
  rmSync(root, { recursive: true, force: true });
});

async function expectNoLeak(execution: Execution): Promise<void> {
  const { store } = gantry;
  const texts = new Map<string, string>();
  texts.set('the record', JSON.stringify(await store.executions.get(execution.id)));
  texts.set('the events', JSON.stringify(await store.events.read(execution.id, 0, 10_000)));
  texts.set(
    'the log',
    (await store.logs.read(execution.id, 0, 100_000)).lines.map(({ text }) => text).join('\n'),
  );
  texts.set('the specs', JSON.stringify(await store.executions.stepSpecs(execution.id, 'printer')));
  const artifacts = await store.artifacts.list(execution.id);
  for (const { id, path: name } of artifacts) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await store.artifacts.open(execution.id, id))?.content ?? [])
      chunks.push(chunk);
    texts.set(`the artifact ${name}`, Buffer.concat(chunks).toString('latin1'));
  }
  texts.set('the database', await dump(gantry.databaseUrl));

  expect(artifacts.map(({ path: name }) => name)).toEqual(['all.txt', 'reports/junit.xml']);
  expect(texts.get('the log')).toContain('***');
  expect(texts.get('the artifact all.txt')).toContain('***');
  expect(texts.get('the specs')).toContain('"TOKEN":"***"');
  expect(execution.steps.map(({ result }) => result?.reason).join('\n')).toContain('***');
  for (const [where, text] of texts) {
    for (const [how, form] of Object.entries(encodings)) {
      const latin = Buffer.from(form).toString('latin1');
      expect(text.includes(form) || text.includes(latin), `${how} in ${where}`).toBe(false);
    }
  }
}

describe('a secret that a step prints and exports in every encoding', () => {
  it('is nowhere to be found after a run as a process', async () => {
    await expectNoLeak(await gantry.run({ suiteId: 'leaky', backend: 'process' }));
  });
});

describeWith('docker', 'a secret that a container prints and exports in every encoding', () => {
  beforeAll(() => buildToolbox({ log: () => undefined }));

  it('is nowhere to be found after a run on Docker', async () => {
    await expectNoLeak(await gantry.run({ suiteId: 'leaky', backend: 'local' }));
  });
});

/** Every row of every table, as text; bytes as the characters of their numbers. */
async function dump(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;
    const parts: string[] = [];
    for (const { name } of tables) {
      // The package is the suite's own files: it holds no value.
      for (const row of await sql`select * from ${sql(name)}`) {
        for (const value of Object.values(row)) {
          parts.push(
            Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value),
            String(value),
          );
        }
      }
    }
    return parts.join('\n');
  } finally {
    await sql.end();
  }
}
