import type { InputIssue } from '../model/errors';
import { suggest } from '../suites/file/nearest';
import type { FlatStep, Level } from './flatten';

/**
 * Keeps the steps that a launch names, by id or by the id of the nested suite that they are in, and all that these
 * wait for. A name that stands for no step is an issue.
 */
export function onlySteps(
  steps: readonly FlatStep[],
  wanted: readonly string[],
  { leftOut, profile }: Pick<Level, 'leftOut' | 'profile'>,
  issues: InputIssue[],
): FlatStep[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const kept = new Set<string>();
  const pending: string[] = [];
  for (const [index, name] of wanted.entries()) {
    const found = steps.filter(({ id }) => id === name || id.startsWith(`${name}/`)).map(({ id }) => id);
    pending.push(...found);
    if (found.length > 0) continue;
    const message = leftOut.includes(name)
      ? `the profile "${profile.name}" leaves the step ${name} out: choose another profile`
      : `expected the id of a step that runs, found ${JSON.stringify(name)}${suggest(name, [...byId.keys()])}`;
    issues.push({ path: `onlySteps[${index}]`, message });
  }
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const step = byId.get(id);
    if (!step || kept.has(id)) continue;
    kept.add(id);
    pending.push(...step.after, ...step.onFailure);
  }
  return steps.filter(({ id }) => kept.has(id));
}
