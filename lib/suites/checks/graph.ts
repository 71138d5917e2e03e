import { readyOrder } from '../../model/ready-order';
import { type AddIssue, quote } from '../file/issue';
import { suggest } from '../file/nearest';
import type { StepOutline } from './outline';

/** Searching the nearest of thousands of ids, thousands of times, takes long and helps nobody. */
const maxSuggestions = 50;

interface Edge {
  name: string;
  key: 'after' | 'on_failure' | 'reset_mocks';
  index: number;
}

/** Checks that every step that another one waits for exists, that none waits for itself, and that there is no cycle. */
export function checkGraph(steps: readonly StepOutline[], add: AddIssue): void {
  const ids = steps.map(({ id }) => id);
  const positions = new Map(ids.map((id, position) => [id, position]));
  let unknown = 0;

  const waitsFor = steps.map((step, position) => {
    const targets: number[] = [];
    for (const edge of edgesOf(step)) {
      const target = positions.get(edge.name);
      if (target === undefined) {
        // The check of mocks says it.
        if (edge.key === 'reset_mocks') continue;
        const hint = unknown++ < maxSuggestions ? suggest(edge.name, ids) : '';
        add(pathOf(step, edge), `expected the id of a step, found ${quote(edge.name)}${hint}`);
      } else if (target === position) {
        add(pathOf(step, edge), `a step cannot wait for itself: ${step.id} → ${step.id}`);
      } else targets.push(target);
    }
    return targets;
  });

  for (const cycle of readyOrder(waitsFor).cycles) {
    const path = cycle.flatMap((position) => steps[position] ?? []);
    const [first, second] = path;
    if (!first || !second) continue;
    const edge = [...edgesOf(first)].find(({ name }) => name === second.id);
    const names = [...path, first].map(({ id }) => id).join(' → ');
    add(edge ? pathOf(first, edge) : ['steps', first.id], `steps wait for each other in a cycle: ${names}`);
  }
  checkMocks(steps, positions, add);
}

function* edgesOf(step: StepOutline): Generator<Edge> {
  for (const key of ['after', 'on_failure', 'reset_mocks'] as const) {
    for (const [index, name] of step[key].entries()) if (name !== '') yield { name, key, index };
  }
}

function pathOf({ id }: StepOutline, { key, index }: Edge): (string | number)[] {
  return ['steps', id, key, index];
}

function checkMocks(
  steps: readonly StepOutline[],
  positions: ReadonlyMap<string, number>,
  add: AddIssue,
): void {
  const mocks = steps.filter(({ kind }) => kind === 'mock').map(({ id }) => id);
  for (const { id, reset_mocks } of steps) {
    for (const [index, name] of reset_mocks.entries()) {
      const at = ['steps', id, 'reset_mocks', index];
      const target = steps[positions.get(name) ?? -1];
      if (name === '') continue;
      if (target?.kind !== 'mock') {
        const hint = target?.kind ? `, which is a ${target.kind}` : suggest(name, mocks);
        add(at, `expected the id of a mock, found ${quote(name)}${hint}`);
      } else if (!target.hasReset) {
        add(
          at,
          `the mock ${name} cannot be reset, for it has no \`reset\`: add one to it, such as reset: { http: POST /__reset }`,
        );
      }
    }
  }
  for (const { id, reset, ports } of steps) {
    if (!reset || (reset.port === null ? ports.length > 0 : ports.includes(reset.port))) continue;
    const found = reset.port === null ? 'a mock without `ports`' : `${reset.port}`;
    add(['steps', id, 'reset', 'http'], `expected one of the mock's \`ports\`, found ${found}`);
  }
}
