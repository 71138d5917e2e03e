import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { freshBundle, makeThreadBundles } from '@/lib/threads/bundle.mjs';

const modules = [
  'lib/suites/catalog/read-worker.ts',
  'lib/engine/reports/report-worker.ts',
  'lib/store/postgres/log-search-worker.ts',
];

/** A checkout whose two threads say a word that they import. */
function makeCheckout(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-threads-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync('lib/threads', path.join(root, 'lib/threads'), { recursive: true });
  symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'));
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }');
  const source = `import { parentPort } from 'node:worker_threads';
import { word } from '../../word';
const file: string = import.meta.url;
parentPort?.postMessage([word, file]);
`;
  for (const module of modules) {
    mkdirSync(path.join(root, path.dirname(module)), { recursive: true });
    writeFileSync(path.join(root, module), source);
  }
  return root;
}

function say(root: string, word: string): void {
  writeFileSync(path.join(root, 'lib/word.ts'), `export const word: string = '${word}';\n`);
}

/** What the first thread says, and whether a bundle says it. */
async function answerOf(root: string): Promise<{ word: string; isBundle: boolean }> {
  const workerData = { module: pathToFileURL(path.join(root, modules[0] ?? '')).href };
  const thread = new Worker(path.join(root, 'lib/threads/entry.mjs'), { workerData, execArgv: [], env: {} });
  try {
    return await new Promise((resolve, reject) => {
      thread.once('error', reject);
      thread.once('message', ([word, file]) => resolve({ word, isBundle: file.endsWith('.mjs') }));
    });
  } finally {
    await thread.terminate();
  }
}

it('the sources run unless there is a bundle of them as they are', async () => {
  const root = makeCheckout();
  say(root, 'first');
  expect(await answerOf(root)).toEqual({ word: 'first', isBundle: false });
  await makeThreadBundles(root);
  expect(await answerOf(root)).toEqual({ word: 'first', isBundle: true });
  say(root, 'second');
  expect(await answerOf(root)).toEqual({ word: 'second', isBundle: false });
  await makeThreadBundles(root);
  expect(await answerOf(root)).toEqual({ word: 'second', isBundle: true });
});

it('a bundle is of packages in their versions, and stays one where the folder is copied', async () => {
  const root = makeCheckout();
  say(root, 'first');
  await makeThreadBundles(root);
  const copy = path.join(root, 'copy');
  for (const each of ['lib', 'build', 'package.json'])
    cpSync(path.join(root, each), path.join(copy, each), { recursive: true });
  for (const module of modules) expect(freshBundle(copy, module)).toContain('copy');
  writeFileSync(path.join(copy, 'package.json'), '{ "type": "module", "dependencies": { "zod": "0.0.1" } }');
  for (const module of modules) expect(freshBundle(copy, module)).toBeNull();
});
