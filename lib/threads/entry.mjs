// The entry of every thread: loads the module that it is to run, from its bundle where there is one. Plain JavaScript,
// because a thread does not inherit what makes TypeScript run; the compiler is let go of when all is loaded.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import { freshBundle } from './bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const module = path.relative(root, fileURLToPath(workerData.module)).split(path.sep).join('/');
const bundle = freshBundle(root, module);
if (bundle) {
  await import(pathToFileURL(bundle).href);
} else {
  const { register } = await import('tsx/esm/api');
  const unregister = register();
  await import(workerData.module);
  await unregister();
}
