#!/usr/bin/env node
// The plain file that npm links. It runs the bundle of the command line; in a checkout, whose sources change, it makes
// the bundle anew when it must, and runs the sources as they are where esbuild is not installed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleOf, isBundleStale } from './bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const isMade = !isBundleStale(root) || makeBundleApart();
if (isMade) {
  await import(pathToFileURL(bundleOf(root)).href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(pathToFileURL(path.join(root, 'lib/cli/main.ts')).href);
}

/** In a process of its own: the one that compiles would stay beside this one. */
function makeBundleApart() {
  const file = fileURLToPath(new URL('./bundle.mjs', import.meta.url));
  return spawnSync(process.execPath, [file], { stdio: 'ignore' }).status === 0;
}
