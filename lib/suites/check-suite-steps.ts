import type { SuiteStep } from '../model/suite';
import { type Place, quote } from './place';
import { nearest } from './readers';

/** Complains about suite steps whose alias is not there or is used twice. `place` is the root of suite.yaml. */
export function checkSuiteSteps(
  steps: readonly SuiteStep[],
  aliases: readonly string[],
  hasFile: boolean,
  place: Place,
): void {
  const users = new Map<string, string>();
  for (const { id, kind, ref } of steps) {
    if (kind !== 'suite' || ref === null) continue;
    const at = place.at('steps').at(id).at('ref');
    const first = users.get(ref);
    if (!aliases.includes(ref)) {
      const near = nearest(ref, aliases);
      const hint = !hasFile
        ? '; there is no dependencies.yaml'
        : near
          ? `; did you mean "${near}"?`
          : `; known are ${aliases.join(', ') || 'none'}`;
      at.complain(`expected an alias of dependencies.yaml, found ${quote(ref)}${hint}`);
    } else if (first !== undefined) {
      const message = `expected an alias of its own, found ${quote(ref)}, which ${first} has: the nodes of both would be called ${ref}/…; give the suite a second alias`;
      at.complain(message);
    }
    users.set(ref, first ?? id);
  }
}
