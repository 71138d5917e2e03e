import type { InputIssue } from '../model/errors';
import { imageReference } from '../model/image-reference';
import { suggest } from '../suites/file/nearest';
import { explainVar } from '../suites/templates/explain-reference';
import type { FlatStep, Level } from './flatten';
import type { PlanRequest } from './plan-request';

/** Checks the names that a launch and the chosen profiles set against what the suite has. */
export function checkLaunchValues(
  outermost: Level,
  steps: readonly FlatStep[],
  { vars = {}, images = {} }: PlanRequest,
): InputIssue[] {
  const issues: InputIssue[] = [];
  const own = Object.keys(outermost.suite.vars ?? {});
  for (const name of Object.keys(vars)) {
    const message = explainVar(name, own);
    if (message !== null) issues.push({ path: `vars.${name}`, message });
  }
  for (const { suite, profile, prefix } of new Set([outermost, ...steps.map(({ level }) => level)])) {
    for (const name of Object.keys(profile.vars ?? {})) {
      const message = explainVar(name, Object.keys(suite.vars ?? {}));
      if (message !== null) issues.push({ path: `${prefix}profiles.${profile.name}.vars.${name}`, message });
    }
  }
  const ids = steps.map(({ id }) => id);
  for (const [id, image] of Object.entries(images)) {
    if (!ids.includes(id)) {
      const message = `expected the id of a step that runs, found ${JSON.stringify(id)}${suggest(id, ids)}`;
      issues.push({ path: `images.${id}`, message });
    } else if (!imageReference.test(image)) {
      issues.push({
        path: `images.${id}`,
        message: `expected an image such as node:22, found ${JSON.stringify(image.slice(0, 80))}`,
      });
    }
  }
  return issues;
}
