import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { makeStepSpec } from '../support/plan';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { quietLogger } from './docker-harness';
import { canRunPrivateDaemon, type PrivateDaemon, startPrivateDaemon } from './private-daemon';

const possible = canRunPrivateDaemon();
const title = 'A Docker daemon that dies';

describe.skipIf(!possible)(
  possible ? title : `${title} [skipped: needs root, dockerd and containerd]`,
  () => {
    for (const liveRestore of [true, false]) {
      describe(liveRestore ? 'with live-restore' : 'without live-restore', () => {
        const packages = createPackages();
        const packageDigest = packages.add(packageFiles);
        const usual = process.env.DOCKER_HOST;
        let daemon: PrivateDaemon;
        let backend: Backend;

        beforeAll(async () => {
          daemon = await startPrivateDaemon({ liveRestore });
          await buildToolbox({ docker: daemon.docker, log: () => {} });
          process.env.DOCKER_HOST = `unix://${daemon.socket}`;
          backend = createDockerBackend(
            { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage },
            { id: 'local', installation: 'restart-test' },
          );
          await backend.check();
        });
        afterEach(async () => {
          for (const { executionId } of await backend.listEnvironments()) {
            expect((await backend.closeEnvironment(executionId)).left).toEqual([]);
          }
        });
        afterAll(async () => {
          if (usual === undefined) delete process.env.DOCKER_HOST;
          else process.env.DOCKER_HOST = usual;
          await daemon.close();
        });

        async function startCounting() {
          const executionId = newExecutionId();
          await backend.openEnvironment({
            executionId,
            suiteId: 'suite',
            profile: 'default',
            owner: 'owner',
            deadline: '2099-01-01T00:00:00.000Z',
            services: [],
          });
          const count = `let i = 0; const t = setInterval(() => { console.log('line ' + i++); if (i === 60) clearInterval(t); }, 50)`;
          const node = { image: toolboxImage, packageDigest, command: ['node', '-e', count] };
          const watched = watchStep(backend, makeStepSpec({ executionId, node }));
          await watched.until(({ lines }) => lines.length >= 10);
          return watched;
        }

        if (liveRestore) {
          for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
            test(`after ${signal} the step goes on and no line is lost or doubled`, async () => {
              const watched = await startCounting();
              await daemon.kill(signal);
              await daemon.start();
              expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
              expect(watched.texts()).toEqual(Array.from({ length: 60 }, (_, i) => `line ${i}`));
            });
          }
          test('a step that ends while it is away has its exit code, and says that lines may be missing', async () => {
            const watched = await startCounting();
            const [container] = await daemon.docker.listContainers();
            const { State } = await daemon.docker.getContainer(container?.Id ?? '').inspect();
            await daemon.kill('SIGKILL');
            while (existsSync(`/proc/${State.Pid}`)) await systemClock.sleep(50);
            await daemon.start();
            expect(await watched.outcome).toMatchObject({
              ended: 'exited',
              exitCode: 0,
              isOutputCut: true,
              warnings: [expect.stringContaining('may be missing')],
            });
            const texts = watched.texts();
            expect(texts.length).toBeGreaterThanOrEqual(10);
            expect(texts).toEqual(texts.map((_, i) => `line ${i}`));
          });
          return;
        }
        for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
          test(`after ${signal} the step is an error of the backend`, async () => {
            const watched = await startCounting();
            await daemon.kill(signal);
            await daemon.start();
            await expect(watched.outcome).rejects.toMatchObject({
              code: 'backend_failed',
              message: expect.stringMatching(/Docker daemon (.* while step step|shut down)/),
            });
          });
        }
        test('one that hangs for a while is waited for', async () => {
          const watched = await startCounting();
          await daemon.kill('SIGSTOP');
          try {
            // Longer than one is waited for that cannot be reached: docker-slow.test.ts has the limit.
            await systemClock.sleep(12_000);
          } finally {
            await daemon.kill('SIGCONT');
          }
          expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
          expect(watched.texts()).toEqual(Array.from({ length: 60 }, (_, i) => `line ${i}`));
        });
      });
    }
  },
);
