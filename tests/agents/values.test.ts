import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { describeWith } from '../support/requirements';
import { expectedOutputs, valuesSuite } from '../support/values-suite';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch, until } from './executions';

describeWith(['docker'], 'values of steps on an agent', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;
  let token: string;

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    // Here are no profiles, one of which leaves out what always fails.
    const suite = valuesSuite.replace('  load: { kind: task, run: "exit 1" }\n', '');
    plane = await startControlPlane({}, { values: suite });
    ({ token } = await plane.agentToken());
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
  });
  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
  });

  it('are there when the agent is killed between who leaves and who wants them', async () => {
    const id = await launch(plane, { suiteId: 'values', vars: { greeting: 'hi' } });
    await until(plane, id, ({ steps }) =>
      steps.some(
        ({ id: step, attempts }) => step === 'between' && attempts.some(({ runningAt }) => runningAt),
      ),
    );
    await agent.end('SIGKILL');
    agent = startAgentProcess(plane.url, token);
    const execution = await ended(plane, id);
    expect(execution, agent.output()).toMatchObject({ status: 'passed', cause: null });
    expect(execution.steps[0]?.attempts).toHaveLength(2);
  });

  it('are read there and reach the step that wants them, also in a rerun', async () => {
    const id = await launch(plane, { suiteId: 'values', vars: { greeting: 'hi' } });
    const execution = await ended(plane, id);
    expect(execution).toMatchObject({ status: 'passed', backend: { kind: 'remote-agent' } });
    expect(execution.steps[0]?.attempts.map(({ outputs }) => outputs)).toEqual([undefined, expectedOutputs]);
    const request = { suiteId: 'values', vars: { greeting: 'hi' }, env: { BREAK: '1' } };
    const broken = await ended(plane, await launch(plane, request));
    const response = await plane.post(`/api/v1/executions/${broken.id}/rerun`, { only: 'failed' });
    const rerun = await ended(plane, (await response.json()).id);
    const steps = rerun.steps.map(({ id, attempts, result }) => [id, attempts.length, result?.exitCode]);
    expect(steps).toEqual(
      expect.arrayContaining([
        ['build', 0, 0],
        ['check', 1, 1],
      ]),
    );
  });
});
