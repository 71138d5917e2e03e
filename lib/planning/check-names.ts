import type { InputIssue } from '../model/errors';
import { staysUp } from '../model/step-kind';
import type { FlatStep, Level } from './flatten';

const maxLabelLength = 63;

/**
 * Every service has one name in its own suite and one in each suite above, `alias-name`: no two may be the same
 * there, and none longer than a label of DNS.
 */
export function checkServiceNames(steps: readonly FlatStep[]): InputIssue[] {
  const issues: InputIssue[] = [];
  const scopes = new Map<string, Map<string, { id: string; level: Level }>>();
  if (!steps.some(({ id }) => id.includes('/'))) return issues;
  for (const { id, step, level } of steps) {
    if (!staysUp(step.kind)) continue;
    const labels = id.split('/');
    for (const depth of labels.keys()) {
      const scope = labels
        .slice(0, depth)
        .map((label) => `${label}/`)
        .join('');
      const name = labels.slice(depth).join('-');
      const names = scopes.get(scope) ?? new Map<string, { id: string; level: Level }>();
      scopes.set(scope, names);
      const path = placeOf(level, scope);
      const other = names.get(name);
      if (other !== undefined) {
        const message = `${other.id} and ${id} would both be called "${name}"; give the nested suite another alias`;
        issues.push({ path: path ?? placeOf(other.level, scope) ?? `${scope}suite.yaml`, message });
      } else if (name.length > maxLabelLength) {
        const message = `${id} would be called "${name}", which is longer than the ${maxLabelLength} characters of a name; give the nested suite a shorter alias`;
        issues.push({ path: path ?? `${scope}suite.yaml`, message });
      }
      names.set(name, { id, level });
    }
  }
  return issues;
}

/** Where the suite of that scope names the one that the level is, or is nested in; null for its own steps. */
function placeOf(level: Level, scope: string): string | null {
  for (let each: Level | null = level; each?.nestedIn; each = each.nestedIn.level) {
    if (each.nestedIn.level.prefix !== scope) continue;
    const { line, column } = each.nestedIn.place;
    return `${scope}dependencies.yaml:${line}:${column}`;
  }
  return null;
}
