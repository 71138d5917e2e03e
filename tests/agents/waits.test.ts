import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from './control-plane';
import { ended, launch, until } from './executions';

const step = (tags: string[]) => ({ check: { kind: 'task', image: 'shop/api:1', run: ['true'], tags } });
const suites = {
  impatient: JSON.stringify({ waits: { timeout: '3s' }, steps: step(['agent:gpu']) }),
  patient: JSON.stringify({ steps: step([]) }),
};

let plane: TestControlPlane;

beforeAll(async () => {
  // No heartbeat comes from it, and none is missed.
  plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '300' }, suites);
  const { token } = await plane.agentToken();
  const agent = { agentId: 'ada', instance: 'instance-1', tags: ['linux'], capacity: 1, version: '0.5.0' };
  expect((await plane.post('/api/v1/agents/register', agent, token)).status).toBe(200);
});
afterAll(() => plane.close());

/** Resolves once the step says this of what it waits for. */
function untilItSays(id: string, detail: RegExp) {
  return until(plane, id, ({ steps }) =>
    steps.some(({ attempts }) => attempts.some(({ phase }) => detail.test(phase?.detail ?? ''))),
  );
}

it('a step that no agent may take is errored after the time that its suite says, with the reason', async () => {
  const execution = await ended(plane, await launch(plane, { suiteId: 'impatient' }));
  expect(execution.status).toBe('errored');
  expect(execution.steps[0]?.result?.reason).toBe(
    'No agent took step check within 3 s (`waits.timeout`): no agent has the tag gpu.',
  );
});

it('a step that waits for an agent says what hinders each, and goes on saying it', async () => {
  const id = await launch(plane, { suiteId: 'patient' });
  await untilItSays(id, /^waiting for agent ada to take it$/);
  await plane.post('/api/v1/agents/ada/drain', { reason: 'new disk' });
  await untilItSays(id, /^waiting for an agent: agent ada is drained by \S+ since \S+ \(new disk\)$/);
  await plane.post(`/api/v1/executions/${id}/cancel`, {});
  expect((await ended(plane, id)).status).toBe('cancelled');
});
