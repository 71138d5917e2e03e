import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowNode } from '@/lib/engine/flow';
import { anyCase, expectedStatuses, play } from './flow-reference';

const runs = { numRuns: 400 };
const isFinal = (status: string | undefined) =>
  ['passed', 'failed', 'errored', 'timed_out', 'cancelled', 'skipped'].includes(status ?? '');

describe('the flow of any graph', () => {
  it('ends every step as the rules say, in whatever order things happen and whoever takes over', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        expect(play(given).statuses).toEqual(expectedStatuses(given));
      }),
      runs,
    );
  });

  it('starts each step once, and only when all that it waits for is settled', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { history } = play({ ...given, takeOverAfter: null });
        for (const { id, after, onFailure } of given.nodes) {
          const starts = history.flatMap((entry, at) => (entry === `start ${id}` ? [at] : []));
          expect(starts.length).toBeLessThanOrEqual(1);
          for (const start of starts) {
            const before = history.slice(0, start);
            for (const other of [...after, ...onFailure]) {
              expect(
                before.some((entry) => [`ready ${other}`, `end ${other}`, `skip ${other}`].includes(entry)),
              ).toBe(true);
            }
          }
        }
      }),
      runs,
    );
  });

  it('stops a service when nothing that may need it is left, and the ones that it needs only after it', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { history } = play({ ...given, takeOverAfter: null });
        for (const { id } of given.nodes) {
          const stops = history.flatMap((entry, at) => (entry === `stop ${id}` ? [at] : []));
          for (const stop of stops) {
            const needed = dependentsOf(given.nodes, id);
            const others = needed.length > 0 ? needed : oneShots(given.nodes);
            const before = history.slice(0, stop);
            for (const other of others)
              expect(before.some((entry) => entry === `end ${other}` || entry === `skip ${other}`)).toBe(
                true,
              );
          }
        }
      }),
      runs,
    );
  });

  it('that is cut short starts nothing afterwards but what always runs, and ends', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(12), (given, cutAfter) => {
        const { statuses, history } = play({ ...given, takeOverAfter: null, cutAfter });
        expect(Object.values(statuses).every(isFinal)).toBe(true);
        const cut = history.indexOf('cut');
        if (cut < 0) return;
        const always = new Set(given.nodes.filter((node) => node.always).map(({ id }) => id));
        for (const entry of history.slice(cut)) {
          const [what, id = ''] = entry.split(' ');
          if (what === 'start') expect(always.has(id)).toBe(true);
          if (what === 'drop' || what === 'cancel') expect(always.has(id)).toBe(false);
        }
        // What always runs and watches nothing has run, unless it had ended before.
        for (const { id, onFailure } of given.nodes) {
          if (always.has(id) && onFailure.length === 0) expect(history).toContain(`start ${id}`);
        }
      }),
      runs,
    );
  });

  it('with fail_fast ends every step, and starts nothing after a failure but what watches one', () => {
    fc.assert(
      fc.property(anyCase, (drawn) => {
        const given = { ...drawn, failFast: true, takeOverAfter: null };
        const { statuses, history } = play(given);
        for (const { id } of given.nodes) expect(isFinal(statuses[id])).toBe(true);
        const tolerant = new Set(given.nodes.filter((node) => node.continueOnFailure).map(({ id }) => id));
        const first = history.findIndex((entry) => {
          const [what, id = ''] = entry.split(' ');
          return what === 'end' && !tolerant.has(id) && !['passed', 'cancelled'].includes(statuses[id] ?? '');
        });
        if (first < 0) return;
        const spared = sparedByFailFast(given.nodes);
        for (const entry of history.slice(first)) {
          const [what, id = ''] = entry.split(' ');
          if (what === 'start') expect(spared).toContain(id);
          if (what === 'cancel') expect(spared).not.toContain(id);
        }
      }),
      runs,
    );
  });
});

function dependentsOf(nodes: readonly FlowNode[], id: string): string[] {
  const found = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const node of nodes) {
      if (![...node.after, ...node.onFailure].includes(next) || found.has(node.id)) continue;
      found.add(node.id);
      queue.push(node.id);
    }
  }
  return [...found];
}

function oneShots(nodes: readonly FlowNode[]): string[] {
  return nodes.filter(({ kind }) => kind !== 'service' && kind !== 'mock').map(({ id }) => id);
}

/** All that stands above a node. */
function dependenciesOf(nodes: readonly FlowNode[], id: string): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const node = byId.get(next);
    for (const other of node ? [...node.after, ...node.onFailure] : []) {
      if (found.has(other)) continue;
      found.add(other);
      queue.push(other);
    }
  }
  return [...found];
}

/** Steps that watch a failure, what comes after them, and the services that those need, directly or through others. */
function sparedByFailFast(nodes: readonly FlowNode[]): string[] {
  const spared = new Set(nodes.filter(({ onFailure }) => onFailure.length > 0).map(({ id }) => id));
  for (const id of [...spared]) for (const other of dependentsOf(nodes, id)) spared.add(other);
  // What always runs, and the services that it may use.
  for (const { id, always } of nodes) {
    if (!always) continue;
    spared.add(id);
    for (const other of dependenciesOf(nodes, id)) if (!oneShots(nodes).includes(other)) spared.add(other);
  }
  for (let size = -1; size !== spared.size; ) {
    size = spared.size;
    for (const { id, after, onFailure } of nodes) {
      if (!spared.has(id)) continue;
      for (const other of [...after, ...onFailure]) if (!oneShots(nodes).includes(other)) spared.add(other);
    }
  }
  return [...spared];
}
