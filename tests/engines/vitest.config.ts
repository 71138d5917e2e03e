import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The checks that `npm run engines` runs within an engine's network and `npm test` leaves out. */
export default defineConfig({
  root,
  resolve: { alias: { '@': root } },
  test: {
    include: ['tests/engines/*.check.ts'],
    globalSetup: 'tests/support/global-database.ts',
    maxWorkers: 1,
    maxConcurrency: 3,
  },
});
