// Makes each thread's module one file in `build/threads`: compiling its sources again in every thread takes a second of
// a processor. Plain JavaScript, because the build runs it and the entry of every thread asks it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = [
  'lib/suites/catalog/read-worker.ts',
  'lib/engine/reports/report-worker.ts',
  'lib/store/postgres/log-search-worker.ts',
];
/** Packages are pinned there. */
const pins = 'package.json';

/**
 * The bundle of a thread's module, or null when there is none of the sources as they are. Copying a folder changes the
 * times of its files, so it is their content that counts.
 */
export function freshBundle(root, module) {
  const file = bundleOf(root, module);
  if (!existsSync(file)) return null;
  const [first = ''] = readFileSync(file, 'utf8').split('\n', 1);
  const [, digest, names] = /^\/\/ ([0-9a-f]{64}) (.*)$/.exec(first) ?? [];
  if (!names) return null;
  return digestOf(root, names.split(' ')) === digest ? file : null;
}

/** Those that are not fresh. Several programs may do so at the same time. */
export async function makeThreadBundles(root) {
  const stale = modules.filter((module) => !freshBundle(root, module));
  if (stale.length === 0) return;
  const { build } = await import('esbuild');
  for (const module of stale) {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: [module],
      bundle: true,
      write: false,
      metafile: true,
      minifySyntax: true,
      minifyWhitespace: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      banner: {
        js: "import { createRequire as gantryRequire } from 'node:module';const require = gantryRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    const names = Object.keys(metafile.inputs).filter((name) => !name.startsWith('node_modules/'));
    const file = bundleOf(root, module);
    mkdirSync(path.dirname(file), { recursive: true });
    const part = `${file}.${process.pid}`;
    writeFileSync(part, `// ${digestOf(root, names)} ${names.join(' ')}\n${outputFiles[0].text}`);
    renameSync(part, file);
  }
}

function bundleOf(root, module) {
  return path.join(root, 'build', 'threads', `${path.basename(module, '.ts')}.mjs`);
}

function digestOf(root, names) {
  const hash = createHash('sha256');
  for (const name of [pins, ...names]) {
    const file = path.join(root, name);
    hash.update(`${name}\0`);
    hash.update(existsSync(file) ? readFileSync(file) : '');
    hash.update('\0');
  }
  return hash.digest('hex');
}

const own = fileURLToPath(import.meta.url);
if (process.argv[1] && own === path.resolve(process.argv[1]))
  await makeThreadBundles(path.resolve(own, '../../..'));
