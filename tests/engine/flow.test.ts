import { describe, expect, it } from 'vitest';
import { createFlow, type FlowNode } from '@/lib/engine/flow';

function node(id: string, more: Partial<FlowNode> = {}): FlowNode {
  return { id, kind: 'task', after: [], onFailure: [], continueOnFailure: false, always: false, ...more };
}

describe('the reason of a skipped step', () => {
  it('is the first cause, not the step between', () => {
    const flow = createFlow(
      [node('a'), node('b', { after: ['a'] }), node('c', { after: ['b'] }), node('d', { after: ['c'] })],
      false,
    );
    flow.begin();
    expect(flow.report('a', 'timed_out')).toEqual([
      { type: 'skip', id: 'b', reason: 'skipped: `a` timed out' },
      { type: 'skip', id: 'c', reason: 'skipped: `a` timed out' },
      { type: 'skip', id: 'd', reason: 'skipped: `a` timed out' },
    ]);
  });

  it('is that nothing has failed for one that watches failures, before anything else', () => {
    const flow = createFlow(
      [node('a'), node('watch', { onFailure: ['a'] }), node('next', { after: ['watch'] })],
      false,
    );
    flow.begin();
    expect(flow.report('a', 'passed')).toEqual([
      { type: 'skip', id: 'watch', reason: 'skipped: nothing that it watches has failed' },
      { type: 'skip', id: 'next', reason: 'skipped: `watch` was skipped' },
    ]);
  });

  it('is not given to a step that watches one that was cancelled: nothing has failed', () => {
    const flow = createFlow([node('a'), node('watch', { onFailure: ['a'] })], false);
    flow.begin();
    expect(flow.report('a', 'cancelled')).toMatchObject([{ type: 'skip', id: 'watch' }]);
  });

  it('with fail_fast names the step that failed', () => {
    const flow = createFlow([node('a'), node('b'), node('c', { after: ['b'] })], true);
    flow.begin();
    expect(flow.report('a', 'failed')).toEqual([
      { type: 'cancel', id: 'b', reason: '`a` failed, and the suite says fail_fast' },
      { type: 'skip', id: 'c', reason: 'skipped: `a` failed, and the suite says fail_fast' },
    ]);
  });
});

describe('a flow', () => {
  it('starts in the order of the nodes', () => {
    const flow = createFlow([node('c'), node('a'), node('b', { after: ['c'] })], false);
    expect(flow.begin()).toEqual([
      { type: 'start', id: 'c' },
      { type: 'start', id: 'a' },
    ]);
  });

  it('goes on where the steps stand, and asks again for what was not done yet', () => {
    const nodes = [
      node('db', { kind: 'service' }),
      node('test', { after: ['db'] }),
      node('next', { after: ['test'] }),
      node('idle', { kind: 'service' }),
    ];
    const started = createFlow(nodes, false);
    expect(
      started.begin(
        new Map([
          ['db', 'ready'],
          ['test', 'running'],
          ['idle', 'starting'],
        ]),
      ),
    ).toEqual([]);
    const ended = createFlow(nodes, false);
    const all = new Map([
      ['db', 'ready'],
      ['test', 'failed'],
      ['next', 'skipped'],
      ['idle', 'ready'],
    ] as const);
    expect(ended.begin(all)).toEqual(
      expect.arrayContaining([
        { type: 'stop', id: 'db' },
        { type: 'stop', id: 'idle' },
      ]),
    );
  });

  it('refuses what it does not know', () => {
    expect(() => createFlow([node('a', { after: ['b'] })], false)).toThrow('the unknown step b');
    expect(() => createFlow([node('a')], false).report('b', 'passed')).toThrow('does not know the step b');
  });

  it('takes a chain of 20,000 that is skipped in its stride', () => {
    const nodes = Array.from({ length: 20_000 }, (_, n) =>
      node(`n${n}`, { after: n === 0 ? [] : [`n${n - 1}`] }),
    );
    const flow = createFlow(nodes, false);
    flow.begin();
    expect(flow.report('n0', 'failed')).toHaveLength(19_999);
  });
});
