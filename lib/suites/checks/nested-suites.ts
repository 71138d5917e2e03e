import { type AddIssue, quote } from '../file/issue';
import { nearest } from '../file/nearest';
import type { StepOutline } from './outline';

/** Checks that every suite step names an alias of `dependencies.yaml`, and no two of them the same one. */
export function checkNestedSuites(
  steps: readonly StepOutline[],
  dependencies: { aliases: readonly string[]; hasFile: boolean },
  add: AddIssue,
): void {
  const users = new Map<string, string>();
  for (const { id, kind, ref } of steps) {
    if (kind !== 'suite' || ref === null) continue;
    const first = users.get(ref);
    if (!dependencies.aliases.includes(ref)) {
      const found = `found ${quote(ref)}${hintFor(ref, dependencies)}`;
      add(['steps', id, 'ref'], `expected an alias of dependencies.yaml, ${found}`);
    } else if (first !== undefined) {
      const message = `expected an alias of its own, found ${quote(ref)}, which ${first} has: the nodes of both would be called ${ref}/…; give the suite a second alias`;
      add(['steps', id, 'ref'], message);
    }
    users.set(ref, first ?? id);
  }
}

function hintFor(
  ref: string,
  { aliases, hasFile }: { aliases: readonly string[]; hasFile: boolean },
): string {
  if (!hasFile) return '; there is no dependencies.yaml';
  const near = nearest(ref, aliases);
  return near ? `; did you mean "${near}"?` : `; known are ${aliases.join(', ') || 'none'}`;
}
