import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import { type ControlPlane, makeControlPlane } from './control-plane';
import { untilEnded } from './ended';
import { pause } from './faults';
import type { SlowFault } from './slow-fault';

/** Longer than a run waits for space. */
const fullMs = 80_000;

/** The data folder's disk is full, and then it is not. Needs root, for the small file system. */
export const fillTheDisk: SlowFault = async (_random, say) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-full-'));
  const run = promisify(execFile);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=120m,mode=755', 'tmpfs', folder]);
  const plane = await makeControlPlane('full', { DATABASE_URL: '', GANTRY_DATA: path.join(folder, 'data') });
  const problems: string[] = [];
  try {
    await plane.start();
    const first = await untilEnded(plane, (await launch(plane, 'hello')).id);
    say(`before: ${first.status}`);
    await run('sh', ['-c', `dd if=/dev/zero of=${folder}/ballast bs=64k 2>/dev/null || true`]);
    // Logs fill what is left.
    const filling = await launch(plane, 'chatty').catch((error: Error) => say(`full: ${error.message}`));
    if (!(await untilReadiness(plane, 503, 60_000)))
      problems.push('readiness never said that there is no space');
    if (!plane.isUp()) problems.push('it did not stay up');
    await pause(fullMs);
    await rm(path.join(folder, 'ballast'));
    if (!(await untilReadiness(plane, 200, 60_000))) return [...problems, 'it is not ready again'];
    if (filling) {
      const { status, cause } = await untilEnded(plane, filling.id);
      say(`the run that met the full disk: ${status} ${cause?.sentence ?? ''}`);
      if (status !== 'errored' || !cause?.sentence.includes('no space'))
        problems.push(`a run without space for so long ended as ${status}: ${cause?.sentence}`);
    }
    const second = await untilEnded(plane, (await launch(plane, 'hello')).id);
    say(`after: ${second.status}`);
    if (second.status !== 'passed')
      problems.push(`a run afterwards ${second.status}: ${second.cause?.sentence}`);
    const again: Execution = await plane.api.get(`/api/v1/executions/${first.id}`);
    if (again.status !== first.status) problems.push('an earlier run has changed');
    return problems;
  } finally {
    await plane.close();
    await run('umount', [folder]);
    await rm(folder, { recursive: true });
  }
};

async function untilReadiness(plane: ControlPlane, wanted: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    const status = await fetch(`${plane.api.url}/readyz/datastore`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === wanted) return true;
    await pause(200);
  }
  return false;
}

function launch(plane: ControlPlane, suiteId: string): Promise<ExecutionSummary> {
  return plane.api.post('/api/v1/executions', { suiteId });
}
