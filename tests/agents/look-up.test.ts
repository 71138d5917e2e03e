import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { openFailingRegistry } from '../backends/failing-registry';
import { describeWith, engineName } from '../support/requirements';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch } from './executions';
import { onDatabase } from './plain-agent';

const docker = new Docker();
const here = 'gantry-agents-look-up/app:dev';
const misspelt = 'gantry-agents-look-up/ap:dev';
const suites = {
  never: `steps: { app: { kind: task, image: "${misspelt}", pull: never, run: "true" } }\n`,
  far: 'vars: { image: "" }\nsteps: { app: { kind: task, image: "${{ vars.image }}", run: "true" } }\n',
};
const sentence = `On agent tester: The image ${misspelt} of \`app\` is not there: it is not on this ${engineName} daemon, and the step says pull: never. Did you mean ${here}, which is here?`;

describeWith('docker', 'The images of a launch on agents', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;
  let token = '';

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    await docker.getImage(toolboxImage).tag({ repo: 'gantry-agents-look-up/app', tag: 'dev' });
    plane = await startControlPlane({}, suites);
    ({ token } = await plane.agentToken());
    agent = startAgentProcess(plane.url, token, { DOCKER_CONFIG: '/nonexistent' });
    await agent.until('registered');
  });
  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
    await docker.getImage(here).remove();
  });

  const register = (agentId: string, version: string) =>
    plane.post(
      '/api/v1/agents/register',
      { agentId, instance: 'instance-1', tags: [], capacity: 1, version },
      token,
    );

  it('are looked up there, and what is missing is said before the first step', async () => {
    const execution = await ended(plane, await launch(plane, { suiteId: 'never' }));
    expect(execution).toMatchObject({ status: 'errored', warnings: [sentence] });
    expect(await onDatabase((sql) => sql`select id from agent_jobs where kind = 'images'`)).toEqual([]);
  });

  it('are not looked up by a preview', async () => {
    const { warnings } = await plane.server().engine.preview({ suiteId: 'never', backend: 'remote-agent' });
    expect(warnings).toEqual([]);
  });

  it.skipIf(engineName === 'Podman')(
    'are asked for at their registry by the agent, unless the platform has a login for it',
    async () => {
      const registry = await openFailingRegistry();
      registry.answers = [
        { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'said by the test' }] } },
      ];
      const image = `${registry.host}/team/image:1`;
      try {
        const execution = await ended(plane, await launch(plane, { suiteId: 'far', vars: { image } }));
        expect(execution.warnings).toEqual([
          `On agent tester: The image ${image} of \`app\` is not there: it is not on this Docker daemon, and ${registry.host} does not have it.`,
        ]);
        const login = { host: registry.host, user: 'ada', password: 'test-password' };
        const saved = await plane.call('/api/v1/platform-settings', {
          method: 'PUT',
          body: JSON.stringify({ backends: [], env: {}, registries: [login] }),
          headers: { 'content-type': 'application/json' },
        });
        expect(saved.status).toBe(200);
        const again = await ended(plane, await launch(plane, { suiteId: 'far', vars: { image } }));
        expect(again).toMatchObject({ status: 'errored', warnings: [] });
      } finally {
        await registry.close();
      }
    },
  );

  it('are not spoken of while an agent that may take the steps cannot tell', async () => {
    expect((await register('old', '0.5.0')).status).toBe(200);
    const execution = await ended(plane, await launch(plane, { suiteId: 'never' }));
    expect(execution).toMatchObject({ status: 'errored', warnings: [] });
  });
});
