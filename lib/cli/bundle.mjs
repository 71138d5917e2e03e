// Makes the command line one bundle in `build/cli`: parts that a command does not need are not loaded. Chunks are named
// by their content and the entry is written last, so that commands that make it at the same time do no harm.
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = [
  'lib/cli',
  'lib/client',
  'lib/model',
  'lib/suites',
  'lib/planning',
  'lib/dependencies',
  'lib/registries',
];
const files = ['lib/config.ts', 'lib/clock.ts', 'package.json'];

/** Where the bundle's entry is. */
export function bundleOf(root) {
  return path.join(root, 'build', 'cli', 'main.mjs');
}

/** Whether a source is newer than the bundle. Always false in an installed package, whose sources never change. */
export function isBundleStale(root) {
  const entry = bundleOf(root);
  if (!existsSync(entry)) return true;
  if (root.split(path.sep).includes('node_modules')) return false;
  const madeMs = statSync(entry).mtimeMs;
  return [
    ...sources.flatMap((each) => filesIn(path.join(root, each))),
    ...files.map((each) => path.join(root, each)),
  ].some((file) => statSync(file).mtimeMs > madeMs);
}

export async function makeBundle(root) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'lib/cli/main.ts')],
    outdir: path.join(root, 'build', 'cli'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    write: false,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // It has compiled parts, and is found beside the bundle.
    external: ['dockerode'],
    banner: {
      js: "import { createRequire as gantryRequire } from 'node:module';const require = gantryRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const isEntry = (file) => path.basename(file.path) === 'main.mjs';
  for (const file of [...outputFiles].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    mkdirSync(path.dirname(file.path), { recursive: true });
    const part = `${file.path}.${process.pid}`;
    writeFileSync(part, file.contents);
    renameSync(part, file.path);
  }
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => path.join(each.parentPath ?? each.path, each.name));
}

const own = fileURLToPath(import.meta.url);
if (process.argv[1] && own === path.resolve(process.argv[1])) await makeBundle(path.resolve(own, '../../..'));
