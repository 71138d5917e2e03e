import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox } from '@/lib/cli/toolbox';
import { leftovers } from '../../backends/docker-harness';
import { makeSuiteFolder } from '../../suites/suite-folder';
import { openTestDatabase } from '../../support/database';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';

const limitMs = 300_000;
const root = mkdtempSync(path.join(tmpdir(), 'gantry-ahead-'));
const image = 'gantry/toolbox:local';

const suiteOf = (exitCode: number) =>
  JSON.stringify({
    steps: {
      first: { kind: 'task', image, run: ['sh', '-c', `sleep 12; exit ${exitCode}`] },
      next: {
        kind: 'task',
        image,
        after: ['first'],
        run: ['sh', '-c', 'echo ran'],
      },
    },
  });

describeWith(['docker'], 'a control plane that is killed while a step is ready ahead', () => {
  beforeAll(() => buildToolbox({ log: () => undefined }), limitMs);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    ['prepared', 0, 2],
    ['standing', 0, 0],
    // The next owner makes nothing ahead and needs it no more: the end of the environment removes it.
    ['standing', 1, 2],
  ] as const)(
    'leaves nothing: %s, and the step before ends with %i',
    { timeout: limitMs },
    async (stage, exitCode, prepareAhead) => {
      makeSuiteFolder({ 'suite.yaml': suiteOf(exitCode) }, `${root}/two`);
      const database = await openTestDatabase();
      const folder = mkdtempSync(path.join(tmpdir(), 'gantry-killed-'));
      let second: RealEngine | null = null;
      try {
        const script = path.join(import.meta.dirname, 'launch-until-killed.ts');
        const first = spawn(
          process.execPath,
          ['--import', 'tsx', script, database.url, folder, root, stage],
          {
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        );
        const [line] = await once(createInterface({ input: first.stdout }), 'line');
        first.kill('SIGKILL');
        await once(first, 'exit');
        const id = String(line);
        const docker = new Docker();
        const filters = { label: [`${labelNames.execution}=${id}`, `${labelNames.step}=next`] };
        expect(await docker.listContainers({ all: true, filters })).toHaveLength(1);
        second = await startRealEngine({
          suiteRoots: [root],
          place: { databaseUrl: database.url, folder },
          prepareAhead,
        });
        const execution = await second.ended(id);
        expect(execution.steps.map(({ status }) => status)).toEqual(
          exitCode === 0 ? ['passed', 'passed'] : ['failed', 'skipped'],
        );
        const { lines } = await second.store.logs.read(id, 0, 1_000);
        const printed = lines.filter(({ stepId, stream }) => stepId === 'next' && stream !== 'system');
        expect(printed.map(({ text }) => text)).toEqual(exitCode === 0 ? ['ran'] : []);
        expect(execution.receipt).toMatchObject({ removed: execution.receipt?.created, left: [] });
        expect(await leftovers(docker, `${labelNames.execution}=${id}`)).toEqual([]);
      } finally {
        await second?.close();
        await database.drop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
