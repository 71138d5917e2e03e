/** Tests that run within an engine's network, by the name of their column. */
export interface Group {
  name: string;
  words: string[];
  env?: Record<string, string>;
}

const config = ['--config', 'tests/vitest.config.ts'];
const ownConfig = ['--config', 'tests/engines/vitest.config.ts'];
const backend = (name: string) => `tests/backends/${name}.test.ts`;

// Without docker-explain-signal, which asks no engine, and docker-restart and docker-resolver, which start Docker daemons
// of their own.
export const groups: Group[] = [
  { name: 'contract', words: [...config, backend('docker-contract')] },
  {
    name: 'backend',
    words: [
      ...config,
      ...[
        'docker-backend',
        'docker-build',
        'docker-health',
        'docker-inventory',
        'docker-output',
        'docker-refusals',
      ].map(backend),
      ...['docker-scopes', 'docker-slow', 'docker-watchdog'].map(backend),
    ],
  },
  {
    name: 'refused calls',
    words: [...config, backend('engine-refusals')],
    env: { GANTRY_TEST_THOROUGH: '1' },
  },
  { name: 'examples', words: [...config, 'tests/suites-examples.test.ts', '-t', 'example suites on Docker'] },
  { name: 'cases', words: [...ownConfig, 'tests/engines/cases.check.ts'] },
  { name: 'kill -9', words: [...ownConfig, 'tests/engines/flood.check.ts'] },
];
