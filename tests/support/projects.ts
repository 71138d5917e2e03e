import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export type ProjectName = 'unit' | 'stores' | 'integration' | 'e2e';

/** What a test imports when it needs the built app. */
const builtApp = ['tests/support/build.ts', 'tests/support/server.ts'];
/** What a test imports when it needs a database or something else that runs beside it. */
const services = [
  'tests/support/database.ts',
  'tests/support/own-postgres.ts',
  'tests/support/private-redis.ts',
  'tests/support/real-engine.ts',
  'tests/support/requirements.ts',
];
/** Tests that import none of these and start programs all the same, or read so much that they take seconds. */
export const withPrograms = [
  'tests/architecture.test.ts',
  'tests/backends/docker-restart.test.ts',
  'tests/backends/kubernetes/log-rotation.test.ts',
  'tests/backends/process-backend.test.ts',
  'tests/backends/process/recorder.test.ts',
  'tests/backends/process/survival.test.ts',
  'tests/cli/contexts.test.ts',
  'tests/dependencies/nested-plan.test.ts',
  'tests/dependencies/refusals.test.ts',
  'tests/planning/scale.test.ts',
  'tests/store/embedded.test.ts',
  'tests/suites/catalog/folder-catalog.test.ts',
  'tests/suites/compose/suites.test.ts',
  'tests/suites/file/hostile-yaml.test.ts',
];

/** Where tests open stores and engines of their own, and load much for it. */
const storeFolders = ['tests/store/', 'tests/engine/'];
/** What stays behind in a process when a test file has ended. */
const traces =
  /process\.(?:env\.\w+ =|env\[.*\] =|chdir|umask|on\()|\(process\.env|delete process\.env|\bvi\.|globalThis/;

/**
 * The test files below `root`, by project: `e2e` runs the built app, `integration` needs a service or starts programs,
 * `stores` are those of them that leave nothing behind in their process, `unit` needs nothing beside Node. A file's
 * imports decide, so that a test moves with what it begins to use.
 */
export function testFilesByProject(root: string): Record<ProjectName, string[]> {
  const files: Record<ProjectName, string[]> = { unit: [], stores: [], integration: [], e2e: [] };
  const importsOf = createImportReader(root);
  const found = readdirSync(path.join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `tests/${name.split(path.sep).join('/')}`)
    .sort();
  for (const file of found) {
    const reached = reach(file, importsOf);
    const reaches = (supports: string[]) => supports.some((support) => reached.has(support));
    const isOfStores = storeFolders.some((folder) => file.startsWith(folder));
    const leavesTraces = () =>
      [file, ...reached].some((each) => traces.test(readFileSync(path.join(root, each), 'utf8')));
    if (reaches(builtApp)) files.e2e.push(file);
    else if (reaches(services) && isOfStores && !leavesTraces()) files.stores.push(file);
    else if (reaches(services) || withPrograms.includes(file)) files.integration.push(file);
    else files.unit.push(file);
  }
  return files;
}

/** The files below tests/ that a test imports, and that those import. */
function reach(file: string, importsOf: (file: string) => string[]): Set<string> {
  const reached = new Set<string>();
  const left = [file];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const imported of importsOf(next)) {
      if (reached.has(imported)) continue;
      reached.add(imported);
      left.push(imported);
    }
  }
  return reached;
}

function createImportReader(root: string): (file: string) => string[] {
  const known = new Map<string, string[]>();
  return (file) => {
    const before = known.get(file);
    if (before) return before;
    const text = readFileSync(path.join(root, file), 'utf8');
    const imported = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(@\/tests\/|\.)([^']*)'/g)].flatMap(
      ([, start, rest]) => {
        const base = start === '.' ? path.posix.join(path.posix.dirname(file), `.${rest}`) : `tests/${rest}`;
        return [base, `${base}.ts`].filter(
          (name) => name.startsWith('tests/') && isFile(path.join(root, name)),
        );
      },
    );
    known.set(file, imported);
    return imported;
  };
}

function isFile(name: string): boolean {
  return existsSync(name) && statSync(name).isFile();
}
