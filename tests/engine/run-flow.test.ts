import { afterEach, describe, expect, it } from 'vitest';
import type { FakeBackendOptions, FakeScript } from '@/lib/backends/fake/fake-backend';
import { AppError } from '@/lib/model/errors';
import type { Execution } from '@/lib/model/execution';
import { makePlan } from '../support/plan';
import { expectSoundHistory, openWorld, type World } from './world';

let world: World;
afterEach(() => world.close());

type Nodes = Parameters<typeof makePlan>[0];

async function run(script: FakeScript, plan: Nodes, options?: FakeBackendOptions): Promise<Execution> {
  world = await openWorld({ script, ...(options ? { options } : {}) });
  world.startEngine();
  const execution = await world.run(makePlan(plan));
  expectSoundHistory(await world.events(execution.id));
  return execution;
}

function statuses(execution: Execution): Record<string, string> {
  return Object.fromEntries(execution.steps.map((step) => [step.id, step.status]));
}

function reason(execution: Execution, stepId: string): string | null | undefined {
  return execution.steps.find((step) => step.id === stepId)?.result?.reason;
}

async function order(id: string): Promise<string[]> {
  const events = await world.events(id);
  return events.flatMap((event) =>
    event.type === 'attempt.started'
      ? [`+${event.stepId}`]
      : event.type === 'step.finished'
        ? [`-${event.stepId}`]
        : [],
  );
}

describe('a run', () => {
  it('passes, and leaves a receipt and nothing else', async () => {
    const execution = await run({}, { nodes: [{ id: 'a' }, { id: 'b', after: ['a'] }] });
    expect(execution).toMatchObject({
      status: 'passed',
      cause: null,
      receipt: { created: 3, removed: 3, left: [] },
    });
    expect(await order(execution.id)).toEqual(['+a', '-a', '+b', '-b']);
  });

  it('runs the middle of a diamond side by side', async () => {
    const middle = ['m1', 'm2', 'm3', 'm4'];
    const execution = await run(
      {},
      {
        nodes: [{ id: 'top' }, ...middle.map((id) => ({ id, after: ['top'] })), { id: 'end', after: middle }],
      },
    );
    const happened = await order(execution.id);
    expect(happened.slice(2, 6)).toEqual(middle.map((id) => `+${id}`));
    expect(happened.at(-1)).toBe('-end');
  });

  it('keeps services up until nothing needs them and stops them in reverse order', async () => {
    const execution = await run(
      {},
      {
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'api', kind: 'service', after: ['db'] },
          { id: 'smoke', kind: 'test', after: ['api'] },
          { id: 'late', after: ['smoke'] },
        ],
      },
    );
    expect(statuses(execution)).toEqual({ db: 'passed', api: 'passed', smoke: 'passed', late: 'passed' });
    expect(await order(execution.id)).toEqual([
      '+db',
      '+api',
      '+smoke',
      '-smoke',
      '+late',
      '-late',
      '-api',
      '-db',
    ]);
  });

  it('keeps a service that nothing names up until every other step has ended', async () => {
    const execution = await run(
      {},
      { nodes: [{ id: 'sidecar', kind: 'service' }, { id: 'a' }, { id: 'b', after: ['a'] }] },
    );
    expect((await order(execution.id)).at(-1)).toBe('-sidecar');
    expect(execution.status).toBe('passed');
  });

  it('skips what comes after a failure and names the first cause; other branches go on', async () => {
    const execution = await run(
      { migrate: { exitCode: 3 } },
      {
        nodes: [
          { id: 'migrate' },
          { id: 'smoke', after: ['migrate'] },
          { id: 'report', after: ['smoke'] },
          { id: 'lint' },
        ],
      },
    );
    expect(statuses(execution)).toEqual({
      migrate: 'failed',
      smoke: 'skipped',
      report: 'skipped',
      lint: 'passed',
    });
    expect(reason(execution, 'report')).toContain('`migrate` failed');
    expect(execution).toMatchObject({
      status: 'failed',
      cause: { stepId: 'migrate', sentence: '`migrate` failed: exit code 3, expected 0.' },
    });
  });

  it('goes on after a step that may fail, and has failed all the same', async () => {
    const execution = await run(
      { flaky: { exitCode: 1 } },
      {
        nodes: [
          { id: 'flaky', continueOnFailure: true },
          { id: 'next', after: ['flaky'] },
        ],
      },
    );
    expect(statuses(execution)).toEqual({ flaky: 'failed', next: 'passed' });
    expect(execution.status).toBe('failed');
  });

  it('runs an on_failure step only when what it watches has failed', async () => {
    const nodes = [
      { id: 'smoke' },
      { id: 'diagnose', onFailure: ['smoke'] },
      { id: 'upload', after: ['diagnose'] },
    ];
    const passed = await run({}, { nodes });
    expect(statuses(passed)).toEqual({ smoke: 'passed', diagnose: 'skipped', upload: 'skipped' });
    expect(passed).toMatchObject({ status: 'passed', cause: null });
    await world.close();
    const failed = await run({ smoke: { exitCode: 1 } }, { nodes });
    expect(statuses(failed)).toEqual({ smoke: 'failed', diagnose: 'passed', upload: 'passed' });
    expect(failed.status).toBe('failed');
  });

  it('fails a service that ends while something may need it', async () => {
    const execution = await run(
      { db: { runsMs: 20, exitCode: 1 }, smoke: { runsMs: 100 } },
      {
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'smoke', after: ['db'] },
          { id: 'next', after: ['smoke', 'db'] },
        ],
      },
    );
    expect(statuses(execution)).toEqual({ db: 'failed', smoke: 'passed', next: 'skipped' });
    expect(execution.cause?.stepId).toBe('db');
    expect(reason(execution, 'db')).toContain('exit code 1');
  });

  it('fails a service that ended while it was needed, though that is heard of after the last end', async () => {
    const execution = await run(
      { db: { runsMs: 50, exitCode: 7, endToldAfterMs: 400 }, test: { runsMs: 200 } },
      {
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'test', kind: 'test', after: ['db'] },
        ],
      },
    );
    expect(statuses(execution)).toEqual({ db: 'failed', test: 'passed' });
    expect(reason(execution, 'db')).toBe('exited unexpectedly (exit code 7) while other steps needed it');
  });

  it('fails a service that does not get ready, with what the probe said', async () => {
    const ready = { probes: [{ type: 'tcp' as const, port: 1 }], forMs: 0, intervalMs: 10, timeoutMs: 50 };
    const execution = await run(
      { db: { readyAfterMs: null } },
      {
        nodes: [
          { id: 'db', kind: 'service', ready },
          { id: 'smoke', after: ['db'] },
        ],
      },
    );
    expect(statuses(execution)).toEqual({ db: 'failed', smoke: 'skipped' });
    expect(reason(execution, 'db')).toContain('the scripted probe never answered');
  });

  it('calls what the backend could not do errored, with its reason', async () => {
    const execution = await run(
      { pull: { rejects: new AppError('image_missing', 'The image nowhere:1 is not there.') } },
      { nodes: [{ id: 'pull' }, { id: 'next', after: ['pull'] }] },
    );
    expect(statuses(execution)).toEqual({ pull: 'errored', next: 'skipped' });
    expect(execution).toMatchObject({
      status: 'errored',
      cause: { stepId: 'pull', sentence: expect.stringContaining('The image nowhere:1 is not there.') },
    });
  });

  it('is errored when its environment cannot be opened, and removes what was made of it', async () => {
    const execution = await run(
      {},
      { nodes: [{ id: 'a' }, { id: 'b', onFailure: ['a'] }] },
      {
        openRejects: new AppError('backend_failed', 'No free subnet.'),
      },
    );
    expect(execution.status).toBe('errored');
    expect(execution.cause?.sentence).toContain('No free subnet.');
    expect(execution.receipt?.left).toEqual([]);
    expect(statuses(execution).a).not.toBe('passed');
  });

  it('ends the rest at the first failure when the suite says fail_fast, but runs what watches the failure', async () => {
    const execution = await run(
      { smoke: { exitCode: 1, runsMs: 50 }, long: { runsMs: 'forever' } },
      {
        failFast: true,
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'smoke', after: ['db'] },
          { id: 'long', after: ['db'] },
          { id: 'never', after: ['long'] },
          { id: 'diagnose', after: ['db'], onFailure: ['smoke'] },
        ],
      },
    );
    expect(statuses(execution)).toEqual({
      db: 'passed',
      smoke: 'failed',
      long: 'cancelled',
      never: 'skipped',
      diagnose: 'passed',
    });
    expect(execution).toMatchObject({ status: 'failed', cause: { stepId: 'smoke' } });
  });

  it('records what it could not remove', async () => {
    const left = [{ kind: 'network' as const, name: 'n', reason: 'in use' }];
    const execution = await run({}, {}, { leaves: left });
    expect(execution.receipt?.left).toEqual(left);
  });
});
