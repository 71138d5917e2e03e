import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testFilesByProject, withPrograms } from './support/projects';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = testFilesByProject(root);

it.each([
  ['tests/model/masker.property.test.ts', 'unit'],
  ['tests/store/logs.test.ts', 'stores'],
  ['tests/engine/run-control.test.ts', 'stores'],
  ['tests/engine/launch.test.ts', 'integration'],
  ['tests/agents/waits.test.ts', 'integration'],
  ['tests/backends/docker-contract.test.ts', 'integration'],
  ['tests/backends/process-backend.test.ts', 'integration'],
  ['tests/browser/main-job.test.ts', 'e2e'],
] as const)('%s belongs to the project %s', (file, project) => {
  const projects = Object.entries(files).filter(([, names]) => names.includes(file));
  expect(projects.map(([name]) => name)).toEqual([project]);
});

it('every file that is named for the programs it starts is there', () => {
  expect(withPrograms.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});
