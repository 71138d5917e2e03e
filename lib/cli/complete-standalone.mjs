// Puts what browsers fetch beside the standalone server, which Next leaves to whoever builds it. Does nothing where the
// build has no standalone server.
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const standalone = path.join(root, '.next', 'standalone');

if (process.env.GANTRY_STANDALONE === '1' && existsSync(path.join(standalone, 'server.js'))) {
  cpSync(path.join(root, 'public'), path.join(standalone, 'public'), { recursive: true });
  cpSync(path.join(root, '.next', 'static'), path.join(standalone, '.next', 'static'), { recursive: true });
}
