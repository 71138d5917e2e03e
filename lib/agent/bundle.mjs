#!/usr/bin/env node
// `npm run agent:bundle [FILE]`: the worker as one file that needs nothing but Node. The build makes it too, and the
// control plane gives it to whoever asks.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = process.argv[2] ?? path.join(root, 'public', 'gantry-agent.mjs');

await build({
  entryPoints: [path.join(root, 'lib/agent/main.ts')],
  outfile: file,
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Compiled parts of an SSH client that Docker over a socket does not need; it goes on without them.
  external: ['cpu-features', '*.node'],
  // Packages that are CommonJS ask for these.
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as gantryRequire } from 'node:module';",
      "import { fileURLToPath as gantryPath } from 'node:url';",
      'const require = gantryRequire(import.meta.url);',
      'const __filename = gantryPath(import.meta.url);',
      "const __dirname = gantryPath(new URL('.', import.meta.url));",
    ].join('\n'),
  },
  logLevel: 'warning',
});
