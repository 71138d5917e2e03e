import { afterAll } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { createRemoteBackend } from '@/lib/backends/remote/remote-backend';
import { systemClock } from '@/lib/clock';
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

  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
  });

  backendContract(
    'The remote backend',
    async ({ openPackage }) => {
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
            return remote.runStep(step, watch);
          },
        };
      };
      return {
        ...docker,
        backend: make(),
        another: make,
        leftovers: (executionId) => leftovers(docker.docker, `${labelNames.execution}=${executionId}`),
        killSlackMs: 6_000,
        // An agent has no rows to write to.
        keepsLedger: false,
        close: async () => {},
      };
    },
    {
      'secrets stand above the env and below the variables of Gantry itself':
        'an agent masks their values before they leave its machine, see tests/agents/run.test.ts',
    },
  );
});
