import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { testFilesByProject } from './support/projects.ts';

/**
 * Files that take minutes, the longest first. Vitest begins with the largest files; these are short ones that run much,
 * and would be left for the end, when the other workers have nothing to do any more.
 */
const slow = [
  'tests/engines/engines-p58.test.ts',
  'tests/engines/engines-d28.test.ts',
  'tests/backends/kubernetes-contract.test.ts',
  'tests/images.test.ts',
  'tests/suites/compose/databases.test.ts',
  'tests/values.test.ts',
  'tests/backends/kubernetes-rotation.test.ts',
  'tests/backends/engine-refusals.test.ts',
  'tests/backends/remote-contract.test.ts',
  'tests/backends/docker-contract.test.ts',
  'tests/suites/publish/documentation-run.test.ts',
  'tests/keys/keys.test.ts',
  'tests/backends/docker-early-pulls.test.ts',
  'tests/agents/restarts.test.ts',
  'tests/agents/exec-crash.test.ts',
  'tests/agents/faults.test.ts',
  'tests/chaos/kills.test.ts',
  'tests/chaos/chaos.test.ts',
  'tests/suites-examples.test.ts',
  'tests/suites-kubernetes.test.ts',
  'tests/engine/scale.test.ts',
  'tests/engine/run-control.test.ts',
  'tests/engine/reports/parse-report.test.ts',
];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = slow.findIndex((file) => moduleId.endsWith(file));
      return found < 0 ? slow.length : found;
    };
    // Those that share modules are together: a worker keeps what it has loaded for the next of them.
    const group = ({ project }: TestSpecification) => ['stores', 'unit'].indexOf(project.name);
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
const files = testFilesByProject(root);
const globalSetup = ['tests/support/global-bundles.ts', 'tests/support/global-database.ts'];

export default defineConfig({
  root,
  resolve: { alias: { '@': root } },
  test: {
    projects: [
      // What needs nothing beside Node shares its modules: half of the time of such a file was loading them.
      {
        extends: true,
        test: { name: 'unit', include: files.unit, isolate: false, globalSetup: globalSetup.slice(0, 1) },
      },
      // They too: each loads the store, the engine and what those need.
      { extends: true, test: { name: 'stores', include: files.stores, isolate: false, globalSetup } },
      { extends: true, test: { name: 'integration', include: files.integration, globalSetup } },
      { extends: true, test: { name: 'e2e', include: files.e2e, globalSetup } },
    ],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    sequence: { sequencer: SlowFirst },
    // By content: the projects share what one of them has compiled, and so does the next run.
    experimental: { fsModuleCache: true },
    // Most of them wait for containers, pods and processes: with two workers half of two cores has nothing to do.
    maxWorkers: 3,
    maxConcurrency: 10,
    // A page on a busy machine takes longer than the second that is usual.
    expect: { poll: { timeout: 60_000 } },
    // A message names what differs, also where only the message is kept.
    chaiConfig: { truncateThreshold: 1_000 },
  },
});
