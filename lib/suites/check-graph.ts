import { readyOrder } from '../model/ready-order';
import type { SuiteStep } from '../model/suite';
import { type Place, quote } from './place';
import { nearest } from './readers';

/** Complains about names that no step has, steps that wait for themselves, and cycles. `place` is the file's root. */
export function checkGraph(steps: readonly SuiteStep[], place: Place): void {
  const ids = steps.map(({ id }) => id);
  const positions = new Map(ids.map((id, position) => [id, position]));
  const stepPlace = (step: SuiteStep) => place.at('steps').at(step.id);
  let unknown = 0;

  const waitsFor = steps.map((step, position) =>
    edges(step).flatMap(({ name, key, index }) => {
      const target = positions.get(name);
      const at = () => stepPlace(step).at(key).at(index);
      if (target === undefined) {
        // Searching the nearest of thousands, thousands of times, takes long and helps nobody.
        const near = unknown++ < 50 ? nearest(name, ids) : null;
        at().complain(
          `expected the id of a step, found ${quote(name)}${near ? `; did you mean "${near}"?` : ''}`,
        );
        return [];
      }
      if (target === position) {
        at().complain(`a step cannot wait for itself: ${step.id} → ${step.id}`);
        return [];
      }
      return [target];
    }),
  );

  for (const cycle of readyOrder(waitsFor).cycles) {
    const path = cycle.flatMap((position) => steps[position] ?? []);
    const [first, second] = path;
    if (!first || !second) continue;
    const edge = edges(first).find(({ name }) => name === second.id);
    const at = edge ? stepPlace(first).at(edge.key).at(edge.index) : stepPlace(first);
    at.complain(`steps wait for each other in a cycle: ${[...path, first].map(({ id }) => id).join(' → ')}`);
  }
  checkMocks(steps, positions, stepPlace);
}

function edges(step: SuiteStep): { name: string; key: 'after' | 'on_failure'; index: number }[] {
  return [
    ...step.after.map((name, index) => ({ name, key: 'after' as const, index })),
    ...step.onFailure.map((name, index) => ({ name, key: 'on_failure' as const, index })),
  ];
}

function checkMocks(
  steps: readonly SuiteStep[],
  positions: ReadonlyMap<string, number>,
  stepPlace: (step: SuiteStep) => Place,
): void {
  const mocks = steps.filter(({ kind }) => kind === 'mock').map(({ id }) => id);
  for (const step of steps) {
    step.resetMocks.forEach((name, index) => {
      const target = steps[positions.get(name) ?? -1];
      if (target?.kind === 'mock') return;
      const near = nearest(name, mocks);
      const hint = target ? `, which is a ${target.kind}` : near ? `; did you mean "${near}"?` : '';
      stepPlace(step)
        .at('reset_mocks')
        .at(index)
        .complain(`expected the id of a mock, found ${quote(name)}${hint}`);
    });
  }
}
