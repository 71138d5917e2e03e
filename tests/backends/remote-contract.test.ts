import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { createRemoteBackend } from '@/lib/backends/remote/remote-backend';
import { systemClock } from '@/lib/clock';
import type { StepSpec } from '@/lib/model/step-spec';
import {
  startAgentProcess,
  startControlPlane,
  type TestAgent,
  type TestControlPlane,
} from '../agents/control-plane';
import { describeWith } from '../support/requirements';
import { silentLogger } from '../support/silent-logger';
import { backendContract } from './backend-contract';
import { leftovers, openDockerHarness } from './docker-harness';

describeWith(['docker'], 'through the routes, on a real agent', () => {
  let plane: TestControlPlane | null = null;
  let agent: TestAgent | null = null;
  let folder: string | null = null;

  /** Jobs never hold the values of secrets: the control plane looks them up when an agent claims one. */
  async function byReference(step: StepSpec): Promise<StepSpec> {
    const entries = Object.entries(step.secrets);
    if (entries.length === 0) return step;
    folder ??= await mkdtemp(path.join(tmpdir(), 'gantry-test-secrets-'));
    const secrets = [];
    for (const [key, value] of entries) {
      const file = path.join(folder, key);
      await writeFile(file, value);
      secrets.push({ key, from: `file:${file}` });
    }
    return { ...step, node: { ...step.node, secrets } };
  }

  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  backendContract('The remote backend', async ({ openPackage }) => {
    const opened = await startControlPlane();
    plane = opened;
    const { token } = await opened.agentToken();
    agent = startAgentProcess(opened.url, token);
    await agent.until('registered');
    const { store } = opened.server();
    const docker = await openDockerHarness({ openPackage }, 'unused');
    const make = () => {
      const remote = createRemoteBackend(
        { clock: systemClock, logger: silentLogger, ...store },
        { id: 'remote-agent', offlineAfterMs: 3_000 },
      );
      return {
        ...remote,
        async runStep(...[step, watch]: Parameters<typeof remote.runStep>) {
          // The engine stores a package at launch.
          const { packageDigest } = step.node;
          const content = await openPackage(packageDigest);
          await store.packages.put(packageDigest, () => content);
          return remote.runStep(await byReference(step), watch);
        },
      };
    };
    return {
      ...docker,
      backend: make(),
      another: make,
      leftovers: (executionId) => leftovers(docker.docker, `${labelNames.execution}=${executionId}`),
      killSlackMs: 6_000,
      close: async () => {},
    };
  });
});
