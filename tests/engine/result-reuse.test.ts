import { describe, expect, it } from 'vitest';
import { decideReuse } from '@/lib/engine/result-reuse';
import { executionFromFirstEvent } from '@/lib/model/apply-event';
import type { Execution } from '@/lib/model/execution';
import type { PlannedNode } from '@/lib/model/node';
import type { FinalStepStatus } from '@/lib/model/status';
import { makePlan } from '../support/plan';

type Nodes = (Partial<PlannedNode> & { id: string })[];

const passed = { exitCode: 0, signal: null, oomKilled: false, reason: null };

/** An execution of the nodes that ended so; what is not named has passed. */
function endedRun(nodes: Nodes, statuses: Record<string, FinalStepStatus>): Execution {
  const plan = makePlan({ nodes });
  const created = executionFromFirstEvent('before', {
    type: 'execution.created',
    seq: 1,
    at: '2026-01-01T00:00:00.000Z',
    suite: plan.suite,
    profile: 'default',
    backend: { id: 'local', kind: 'local', label: 'Scripted' },
    author: 'ada',
    labels: {},
    warnings: [],
    steps: plan.nodes.map(({ id, name, kind, index, after, onFailure }) => ({
      id,
      name,
      kind,
      index,
      after,
      onFailure,
    })),
  });
  const steps = created.steps.map((step) => ({
    ...step,
    status: statuses[step.id] ?? ('passed' as const),
    result: passed,
  }));
  return { ...created, status: 'failed', steps };
}

function decide(nodes: Nodes, statuses: Record<string, FinalStepStatus>, next: Nodes = nodes) {
  const decided = decideReuse(endedRun(nodes, statuses), makePlan({ nodes }), makePlan({ nodes: next }));
  return Object.fromEntries([...decided].map(([id, { from, sentence }]) => [id, from ?? sentence]));
}

describe('what a rerun of what failed takes over', () => {
  it('is not a step whose outputs are named only since', () => {
    const parts = [{ step: 'a', output: 'url' }];
    const templates = [{ at: ['env', 'URL'], text: '', vars: {}, parts }];
    const before = [{ id: 'a' }, { id: 'b', after: ['a'] }];
    const since = [
      { id: 'a', outputs: true },
      { id: 'b', after: ['a'], templates },
    ];
    const decided = decide(before, { b: 'failed' }, since);
    expect(decided.a).toBe('Runs again: its outputs are wanted now, and were not read before.');
    expect(decide(since, { b: 'failed' }).a).toBe('before');
  });

  it('is what passed beside it; what failed, and what comes after it, runs again', () => {
    const nodes = [
      { id: 'lint' },
      { id: 'unit' },
      { id: 'late', after: ['unit'] },
      { id: 'cleanup', onFailure: ['unit'] },
    ];
    expect(decide(nodes, { unit: 'failed', late: 'skipped' })).toEqual({
      lint: 'before',
      unit: 'Runs again: it failed before.',
      late: 'Runs again: it was skipped before.',
      cleanup: 'Runs again: it comes after `unit`, which runs again.',
    });
  });

  it('is no service that is needed, nor what was done to one; but what only used one beside it', () => {
    const nodes: Nodes = [
      { id: 'build' },
      { id: 'db', kind: 'service' },
      { id: 'migrate', after: ['build', 'db'] },
      { id: 'smoke', after: ['migrate'] },
      { id: 'load', after: ['migrate'] },
    ];
    expect(decide(nodes, { load: 'failed' })).toEqual({
      build: 'before',
      db: 'Runs again: `load` needs it.',
      migrate: 'Runs again: what it did to the services is gone, and `load` comes after it.',
      smoke: 'before',
      load: 'Runs again: it failed before.',
    });
  });

  it('leaves a service down that nothing needs, unless anyone may use it', () => {
    const nodes: Nodes = [
      { id: 'db', kind: 'service' },
      { id: 'uses-db', after: ['db'] },
      { id: 'mail', kind: 'mock' },
      { id: 'unit' },
    ];
    expect(decide(nodes, { unit: 'failed' })).toMatchObject({
      db: 'before',
      'uses-db': 'before',
      mail: expect.stringContaining('any step may use it'),
    });
  });

  it('is nothing whose inputs have changed, and says which', () => {
    const nodes: Nodes = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    const next: Nodes = [
      { id: 'a', command: ['false'], env: { MODE: 'fast' } },
      { id: 'b', name: 'Called otherwise', tags: ['x'] },
      { id: 'c', packageDigest: 'sha256:other' },
      { id: 'new' },
    ];
    expect(decide(nodes, {}, next)).toEqual({
      a: 'Runs again: it has changed: run, env.',
      b: 'before',
      c: "Runs again: it has changed: the suite's files.",
      new: 'Runs again: it was not there before.',
    });
  });

  it('keeps the place where a step really ran', () => {
    const nodes = [{ id: 'a' }, { id: 'b' }];
    const before = endedRun(nodes, { b: 'failed' });
    const [a, b] = before.steps;
    if (!a || !b) throw new Error('no steps');
    const takeOver = { from: 'first', sentence: '', result: passed, reports: [] };
    const plan = makePlan({ nodes });
    const decided = decideReuse({ ...before, steps: [{ ...a, takeOver }, b] }, plan, plan);
    expect(decided.get('a')).toMatchObject({ from: 'first', result: passed });
  });

  it('is decided for 5,000 steps in a chain and side by side', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) => ({
      id: `s${index}`,
      after: index > 0 ? [`s${index - 1}`] : [],
    }));
    const decided = decide(chain, { s4999: 'failed' });
    expect(decided.s4998).toBe('before');
    expect(decided.s4999).toBe('Runs again: it failed before.');
  });
});
