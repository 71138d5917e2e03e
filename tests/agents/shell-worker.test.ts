import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from './control-plane';
import { ended, launch, texts, until } from './executions';

const missing = ['bash', 'curl', 'jq', 'setsid'].filter((program) => spawnSync(program, ['--version']).error);

const suites = {
  plain: `
title: Plain
steps:
  says:
    kind: task
    env: { GREETING: "it's \\"quoted\\"" }
    run: echo one; echo "$GREETING"; echo three >&2
  fails:
    kind: task
    after: [says]
    run: exit 3`,
  endless: `
title: Endless
steps:
  endless:
    kind: task
    run: echo begun; exec sleep 1000`,
};

describe.skipIf(missing.length > 0)(
  `the shell worker of docs/agents.md${missing.length > 0 ? ` [skipped: no ${missing.join(', ')}]` : ''}`,
  () => {
    let plane: TestControlPlane;
    let worker: ChildProcess;
    let output = '';

    beforeAll(async () => {
      plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '3' }, suites);
      const { token } = await plane.agentToken();
      const page = await readFile(new URL('../../docs/agents.md', import.meta.url), 'utf8');
      const script = /```sh\n(#!\/usr\/bin\/env bash\n.*?)```/s.exec(page)?.[1] ?? '';
      expect(script.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
      worker = spawn('bash', ['-c', script], {
        detached: true,
        env: {
          ...process.env,
          GANTRY_URL: plane.url,
          GANTRY_AGENT_TOKEN: token,
          WORKER: 'shell',
        },
      });
      for (const stream of [worker.stdout, worker.stderr]) {
        stream?.on('data', (chunk) => {
          output += chunk;
        });
      }
      // It is known from its first claim on.
      const { notifier, agents } = plane.server().store;
      const bell = notifier.subscribe('agents', plane.server().closing);
      while (!(await agents.any())) await bell.next();
    });
    afterAll(async () => {
      if (worker?.pid && worker.exitCode === null) {
        const exit = once(worker, 'exit');
        process.kill(-worker.pid, 'SIGKILL');
        await exit;
      }
      await plane?.close();
    });

    it('runs tasks to their ends', async () => {
      const id = await launch(plane, { suiteId: 'plain' });
      const execution = await ended(plane, id);
      expect(
        execution.steps.map(({ status, result }) => ({ status, exitCode: result?.exitCode })),
        output,
      ).toEqual([
        { status: 'passed', exitCode: 0 },
        { status: 'failed', exitCode: 3 },
      ]);
      expect(await texts(plane, id, 'says')).toEqual(['one', `it's "quoted"`, 'three']);
      expect(execution.receipt).toEqual({ created: 0, removed: 0, left: [] });
    });

    it('stops a step that is cancelled', async () => {
      const id = await launch(plane, { suiteId: 'endless' });
      await until(plane, id, ({ steps }) => steps[0]?.status === 'running');
      await plane.post(`/api/v1/executions/${id}/cancel`, {});
      expect(await ended(plane, id)).toMatchObject({ status: 'cancelled', steps: [{ status: 'cancelled' }] });
    });
  },
);
