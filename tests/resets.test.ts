import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import {
  startAgentProcess,
  startControlPlane,
  type TestAgent,
  type TestControlPlane,
} from './agents/control-plane';
import { ended, launch, texts } from './agents/executions';
import { testKubeconfig } from './backends/kubernetes-harness';
import { describeWith } from './support/requirements';

/**
 * Counts what it is told until it is reset; with BROKEN it answers a reset with 500. Like servers on Python's asyncio it
 * answers nobody who has closed the own half of the connection.
 */
const mock = `
  let charges = 0;
  require("http").createServer((request, response) => {
    if (request.method === "PUT" && request.url === "/__reset?all=1") {
      if (process.env.BROKEN) response.statusCode = 500;
      else charges = 0;
      console.log("asked to reset");
    } else if (request.method === "POST") charges += 1;
    setTimeout(() => response.end(String(charges)), 50);
  }).on("connection", (socket) => socket.on("end", () => socket.destroy()))
    .listen(Number(process.env.PAYMENTS_PORT || 8080));`;
/** Passes at its second attempt, and only when it finds nothing of its first. */
const check = `
  const url = "http://" + process.env.PAYMENTS_HOST + ":" + process.env.PAYMENTS_PORT;
  const before = await (await fetch(url)).text();
  await fetch(url, { method: "POST" });
  console.log("charges before", before);
  if (before !== "0") process.exit(3);
  if (process.env.GANTRY_ATTEMPT === "1") process.exit(1);`;
const suite = JSON.stringify({
  steps: {
    payments: {
      kind: 'mock',
      run: ['node', '-e', mock],
      ports: [8080],
      reset: { http: 'PUT /__reset?all=1' },
    },
    check: {
      kind: 'test',
      run: ['node', '--input-type=module', '-e', check],
      reset_mocks: 'payments',
      retries: 1,
    },
  },
});
const kinds = ['local', 'remote-agent', 'process', 'kubernetes'] as const;

describeWith(['docker', 'kubernetes'], 'a test that resets its mocks', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    const env = { GANTRY_KUBECONFIG: testKubeconfig, GANTRY_PROCESS_BACKEND: '1' };
    plane = await startControlPlane(env, { mocked: suite });
    const { token } = await plane.agentToken();
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
  });
  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
  });

  function runOnEach(env: Record<string, string>): Promise<Execution[]> {
    return Promise.all(
      kinds.map(async (backend) => ended(plane, await launch(plane, { suiteId: 'mocked', backend, env }))),
    );
  }

  it('finds them as new at each attempt, on every kind of backend', async () => {
    for (const [at, execution] of (await runOnEach({})).entries()) {
      expect([kinds[at], execution.status, execution.cause]).toEqual([kinds[at], 'passed', null]);
      expect(await texts(plane, execution.id, 'check')).toEqual(['charges before 0', 'charges before 0']);
      const printed = await texts(plane, execution.id, 'payments');
      expect(printed).toEqual(['asked to reset', 'asked to reset']);
    }
  });

  it('does not run when one cannot be reset, and says which and why', async () => {
    for (const [at, execution] of (await runOnEach({ BROKEN: '1' })).entries()) {
      expect([kinds[at], execution.status]).toEqual([kinds[at], 'errored']);
      expect(execution.steps.find(({ id }) => id === 'check')?.result?.reason).toContain(
        'The mock payments could not be reset before step check: PUT /__reset?all=1 on port 8080: it answered 500, expected one of the 200s. Check `reset` of the mock.',
      );
      expect(await texts(plane, execution.id, 'check')).toEqual([]);
    }
  });
});
