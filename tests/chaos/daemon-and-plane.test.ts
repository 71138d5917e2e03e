import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { canRunPrivateDaemon, startPrivateDaemon } from '../backends/private-daemon';
import { openTestDatabase } from '../support/database';
import { makeControlPlane } from './control-plane';
import { watchDocker } from './docker-witness';
import { untilEnded } from './ended';

const count = `let n = 0; setInterval(() => { console.log('count ' + ++n); if (n === 200) process.exit(0) }, 50)`;
const suite = {
  steps: { counting: { kind: 'task', image: 'gantry/toolbox:local', run: ['node', '-e', count] } },
};

interface Aftermath {
  execution: Execution;
  lines: string[];
  starts: number | undefined;
  left: string[];
}

/** Both are gone at once, in the middle of a step, and both come back. */
async function killBoth(liveRestore: boolean): Promise<Aftermath> {
  const closing: (() => unknown)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-both-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    await mkdir(path.join(folder, 'counting'));
    await writeFile(path.join(folder, 'counting', 'suite.yaml'), JSON.stringify(suite));
    const database = await openTestDatabase();
    closing.push(() => database.drop());
    const daemon = await startPrivateDaemon({ liveRestore });
    closing.push(() => daemon.close());
    await buildToolbox({ docker: daemon.docker, log: () => undefined });
    const witness = watchDocker(daemon.docker);
    closing.push(() => witness.close());
    const plane = await makeControlPlane('both', {
      DATABASE_URL: database.url,
      DOCKER_HOST: `unix://${daemon.socket}`,
      GANTRY_SUITES: folder,
    });
    closing.push(() => plane.close());
    await plane.start();
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId: 'counting' });
    const reading = new AbortController();
    for await (const { data } of plane.api.stream(`/api/v1/executions/${id}/logs`, reading.signal)) {
      const line: LogLine = JSON.parse(data);
      if (line.text === 'count 20') break;
    }
    reading.abort();
    await Promise.all([plane.kill(), daemon.kill('SIGKILL')]);
    await Promise.all([plane.start(), daemon.start()]);
    const execution = await untilEnded(plane, id);
    const { items }: { items: LogLine[] } = await plane.api.get(
      `/api/v1/executions/${id}/logs?stream=stdout&limit=5000`,
    );
    return {
      execution,
      lines: items.map(({ text }) => text),
      starts: witness.starts().get(`${id} counting 1`),
      left: await witness.left(new Set([id])),
    };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const possible = canRunPrivateDaemon();
const title = 'A Docker daemon and a control plane that are killed at once';
describe.skipIf(!possible)(
  possible ? title : `${title} [skipped: needs root, dockerd and containerd]`,
  () => {
    it('go on with what ran when the daemon keeps its containers', { timeout: 400_000 }, async () => {
      const { execution, lines, starts, left } = await killBoth(true);
      expect(execution, execution.cause?.sentence).toMatchObject({ status: 'passed', receipt: { left: [] } });
      expect(lines).toEqual(Array.from({ length: 200 }, (_, index) => `count ${index + 1}`));
      expect(starts).toBe(1);
      expect(left).toEqual([]);
    });

    it('end it as errored when the daemon does not, and leave nothing', { timeout: 400_000 }, async () => {
      const { execution, lines, starts, left } = await killBoth(false);
      expect(execution, execution.cause?.sentence).toMatchObject({ status: 'errored' });
      expect(execution.steps[0]?.result?.reason).toContain('Docker daemon');
      expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => `count ${index + 1}`));
      expect(starts).toBe(1);
      expect(left).toEqual([]);
    });
  },
);
