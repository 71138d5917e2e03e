import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { describeWith } from '../support/requirements';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch, texts } from './executions';

const suite = `title: Inputs
steps:
  build:
    kind: task
    image: gantry/toolbox:local
    retries: { max: 1, backoff: 10ms }
    run: |
      cd "$GANTRY_ARTIFACTS" && mkdir -p dist/sub && echo "of try $GANTRY_ATTEMPT" > dist/a.txt
      head -c 3000000 /dev/urandom > dist/sub/big && sha256sum < dist/sub/big
      printf '#!/bin/sh\\necho it runs' > dist/run.sh
      test "$GANTRY_ATTEMPT" = 2
    export: [dist/**]
  check:
    kind: test
    image: gantry/toolbox:local
    after: build
    env: { BREAK: "0" }
    run: |
      sha256sum < /data/in/sub/big
      cat /data/in/a.txt
      /data/in/run.sh
      test "$BREAK" = 0
    inputs: [{ from: build, path: dist/**, to: /data/in }]
`;

describeWith(['docker'], 'artifacts of an earlier step', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    plane = await startControlPlane({}, { inputs: suite });
    agent = startAgentProcess(plane.url, (await plane.agentToken()).token);
    await agent.until('registered');
  });
  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
  });

  it.each(['local', 'remote-agent'])('are in the container before it starts, on %s', async (backend) => {
    const id = await launch(plane, { suiteId: 'inputs', backend });
    const execution = await ended(plane, id);
    expect(execution.cause).toBeNull();
    const [, digest] = await texts(plane, id, 'build');
    expect(await texts(plane, id, 'check')).toEqual([digest, 'of try 2', 'it runs']);
  });

  it('are taken over by a rerun of what failed', async () => {
    const first = await launch(plane, { suiteId: 'inputs', backend: 'local', env: { BREAK: '1' } });
    expect((await ended(plane, first)).status).toBe('failed');
    const response = await plane.post(`/api/v1/executions/${first}/rerun`, { only: 'failed' });
    const { id } = await response.json();
    expect((await ended(plane, id)).steps.map(({ attempts }) => attempts.length)).toEqual([0, 1]);
    expect(await texts(plane, id, 'check')).toEqual(await texts(plane, first, 'check'));
  });
});
