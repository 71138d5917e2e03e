import type { InputIssue } from '../model/errors';
import { launchSource, type SecretReference } from '../model/secret';
import type { FlatStep } from './flatten';
import type { PlanRequest } from './plan-request';

/**
 * The secrets of a step, each under the name that it has there. What a launch brings takes the place of the profile's
 * secret of that key; one that the profile does not know is for all steps of the outermost suite.
 */
export function secretsOfNode(
  { step, level }: FlatStep,
  { secrets: brought = [] }: PlanRequest,
  issues: InputIssue[],
): SecretReference[] {
  const { profile, prefix } = level;
  const isBrought = (key: string, from: string) =>
    brought.includes(key) && (prefix === '' || from === launchSource);
  const own = profile.secrets
    .filter(({ steps }) => steps === undefined || steps.includes(step.id))
    .map(({ key, as, from }) => ({
      key: as ?? key,
      from: isBrought(key, from) ? `${launchSource}:${key}` : from,
    }));
  const known = new Set(profile.secrets.map(({ key }) => key));
  const more = prefix === '' ? brought.filter((key) => !known.has(key)) : [];
  const all = [...own, ...more.map((key) => ({ key, from: `${launchSource}:${key}` }))];
  for (const name of new Set(all.map(({ key }) => key))) {
    if (all.filter(({ key }) => key === name).length < 2) continue;
    const message = `expected one secret called ${name}, found several: give the others another name in "as", or other "steps"`;
    issues.push({ path: `${prefix}steps.${step.id}.secrets`, message });
  }
  return all;
}
