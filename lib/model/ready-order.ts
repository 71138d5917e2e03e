export interface ReadyOrder {
  /** Positions, each after all that it waits for; the smallest position first among those that could come next. */
  order: number[];
  /** Cycles, each from its smallest position on: 0 waits for 2 waits for 0 is `[0, 2]`. */
  cycles: number[][];
}

/** More than these nobody reads at once; what they hide is found when they are gone. */
const maxCycles = 20;

/**
 * Orders a graph given as, per position, the positions that it waits for. Everything that is part of a cycle or
 * waits for one is missing from `order`. Source: Kahn, Topological sorting of large networks (1962).
 */
export function readyOrder(waitsFor: readonly (readonly number[])[]): ReadyOrder {
  const waiters: number[][] = waitsFor.map(() => []);
  const open = waitsFor.map((dependencies) => dependencies.length);
  waitsFor.forEach((dependencies, position) => {
    for (const dependency of dependencies) waiters[dependency]?.push(position);
  });
  const order: number[] = [];
  const settle = (first: readonly number[]) => {
    const next = createSmallestFirst(first);
    for (let position = next.take(); position !== undefined; position = next.take()) {
      order.push(position);
      for (const waiter of waiters[position] ?? []) {
        open[waiter] = (open[waiter] ?? 0) - 1;
        if (open[waiter] === 0) next.add(waiter);
      }
    }
  };
  settle(open.flatMap((count, position) => (count === 0 ? [position] : [])));
  return { order, cycles: order.length === waitsFor.length ? [] : findCycles(waitsFor, new Set(order)) };
}

/** Disjoint cycles among the positions that are not settled. */
function findCycles(waitsFor: readonly (readonly number[])[], settled: ReadonlySet<number>): number[][] {
  const done = new Set(settled);
  const cycles: number[][] = [];
  for (let start = 0; start < waitsFor.length && cycles.length < maxCycles; start++) {
    const path: number[] = [];
    const placeInPath = new Map<number, number>();
    let current: number | undefined = start;
    while (current !== undefined && !done.has(current)) {
      const from = placeInPath.get(current);
      if (from !== undefined) {
        cycles.push(startAtSmallest(path.slice(from)));
        break;
      }
      placeInPath.set(current, path.length);
      path.push(current);
      const next: number | undefined = waitsFor[current]?.find((position) => !done.has(position));
      if (next === undefined) {
        done.add(current);
        path.pop();
        placeInPath.delete(current);
        current = path.pop();
        if (current !== undefined) placeInPath.delete(current);
      } else current = next;
    }
    for (const position of path) done.add(position);
  }
  return cycles;
}

function startAtSmallest(cycle: readonly number[]): number[] {
  const at = cycle.indexOf(Math.min(...cycle));
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

/** A binary heap. */
function createSmallestFirst(first: readonly number[]) {
  // Ascending, so already a heap.
  const heap = [...first];
  const at = (index: number) => heap[index] ?? Number.POSITIVE_INFINITY;
  const swap = (one: number, other: number) => {
    const moved = at(one);
    heap[one] = at(other);
    heap[other] = moved;
  };
  return {
    add(value: number) {
      heap.push(value);
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= at(index)) return;
        swap(index, parent);
        index = parent;
      }
    },
    take(): number | undefined {
      const smallest = heap[0];
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return smallest;
      heap[0] = last;
      for (let index = 0; ; ) {
        const left = 2 * index + 1;
        const child = at(left + 1) < at(left) ? left + 1 : left;
        if (at(index) <= at(child)) return smallest;
        swap(index, child);
        index = child;
      }
    },
  };
}
