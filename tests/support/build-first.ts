// Builds the application before the tests begin, so that no test's time limit has the build in it.
import { fileURLToPath } from 'node:url';
import { buildOnce } from './build';

await buildOnce(fileURLToPath(new URL('../..', import.meta.url)));
