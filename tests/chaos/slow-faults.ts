import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { isFinalExecution } from '@/lib/model/status';
import { type ControlPlane, makeControlPlane } from './control-plane';
import { pause } from './faults';
import type { Random } from './random';

export type Say = (text: string) => void;

/** A fault that takes minutes. Answers what was wrong afterwards. */
export type SlowFault = (random: Random, say: Say) => Promise<string[]>;

/** `kill -9` at random moments of the example suites: the results are those of a run that nobody disturbed. */
export const killDuringExamples: SlowFault = async (random, say) => {
  const plane = await makeControlPlane('examples', { DATABASE_URL: '' });
  try {
    await plane.start();
    const problems: string[] = [];
    for (const { suiteId, rounds, spreadMs, steady } of [
      // Its checkout has a case that is flaky by design: what that one and those beside it print differs.
      { suiteId: 'storefront', rounds: 14, spreadMs: 7_000, steady: ['pricing', 'migrate', 'seed'] },
      { suiteId: 'chatty', rounds: 6, spreadMs: 8_000, steady: ['printer'] },
    ]) {
      const expected = await runOnce(plane, suiteId, steady, null);
      for (let round = 1; round <= rounds; round += 1) {
        const afterMs = random.whole(200, spreadMs);
        const got = await runOnce(plane, suiteId, steady, afterMs);
        const isSame = JSON.stringify(got) === JSON.stringify(expected);
        say(
          `${suiteId} ${round} of ${rounds}, killed after ${afterMs} ms: ${isSame ? 'the same' : 'DIFFERENT'}`,
        );
        if (!isSame) problems.push(`${suiteId} killed after ${afterMs} ms ended otherwise: ${got.steps}`);
      }
    }
    return problems;
  } finally {
    await plane.close();
  }
};

/** What of a run must not depend on whether it was disturbed: its states, and how much the steady steps printed. */
async function runOnce(
  plane: ControlPlane,
  suiteId: string,
  steady: readonly string[],
  killAfterMs: number | null,
) {
  const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId });
  if (killAfterMs !== null) {
    await pause(killAfterMs);
    await plane.kill();
    await plane.start();
  }
  const execution = await untilEnded(plane, id);
  const counts = new Map<string, number>();
  let last = 0;
  let gaps = 0;
  for (;;) {
    const { items }: { items: LogLine[] } = await plane.api.get(
      `/api/v1/executions/${id}/logs?limit=5000&after=${last}`,
    );
    if (items.length === 0) break;
    for (const { seq, stepId, attempt, stream } of items) {
      if (seq !== last + 1) gaps += 1;
      last = seq;
      // Gantry says what it probes again after an adoption.
      if (stream === 'system' || !steady.includes(stepId)) continue;
      const key = `${stepId} ${attempt} ${stream}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return {
    status: execution.status,
    steps: execution.steps.map((step) => `${step.id} ${step.status}`).join(', '),
    left: execution.receipt?.left,
    gaps,
    lines: [...counts].sort(),
  };
}

/** A control plane on its embedded database, killed again and again under load: what it acknowledged is there. */
export const killOnEmbeddedDatabase: SlowFault = async (_random, say) => {
  const plane = await makeControlPlane('embedded', { DATABASE_URL: '' });
  const acknowledged: string[] = [];
  try {
    for (let round = 1; round <= 20; round += 1) {
      await plane.start();
      const killing = pause(1_500).then(() => plane.kill());
      for (let asked = 0; asked < 200 && plane.isUp(); asked += 1) {
        const summary: ExecutionSummary | null = await plane.api
          .post('/api/v1/executions', { suiteId: 'hello' })
          .catch(() => null);
        if (summary) acknowledged.push(summary.id);
        await pause(100);
      }
      await killing;
      say(`killed ${round} of 20 times; ${acknowledged.length} runs were acknowledged`);
    }
    await plane.start();
    const problems: string[] = [];
    for (const id of acknowledged) {
      const execution = await untilEnded(plane, id);
      const { items }: { items: ExecutionEvent[] } = await plane.api.get(
        `/api/v1/executions/${id}/events?limit=5000`,
      );
      if (items.some(({ seq }, index) => seq !== index + 1)) problems.push(`${id}: events are missing`);
      if (execution.status !== 'passed')
        problems.push(`${id} ${execution.status}: ${execution.cause?.sentence}`);
    }
    return problems;
  } finally {
    await plane.close();
  }
};

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
    await rm(path.join(folder, 'ballast'));
    if (!(await untilReadiness(plane, 200, 60_000))) return [...problems, 'it is not ready again'];
    if (filling) {
      const { status, cause } = await untilEnded(plane, filling.id);
      say(`the run that met the full disk: ${status} ${cause?.sentence ?? ''}`);
      if (status === 'failed') problems.push('the want of space was taken for the fault of the suite');
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

async function untilEnded(plane: ControlPlane, id: string): Promise<Execution> {
  for (;;) {
    const execution: Execution = await plane.api.get(`/api/v1/executions/${id}`);
    if (isFinalExecution(execution.status)) return execution;
    await pause(500);
  }
}
