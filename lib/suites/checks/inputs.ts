import type { AddIssue } from '../file/issue';
import type { SuiteYaml } from '../file/schema/suite-yaml';
import { explainArtifacts } from '../templates/explain-reference';
import { createStepsBefore } from '../templates/steps-before';

/** Checks that the artifacts that steps get are those of steps that have ended and export something. */
export function checkInputs(steps: SuiteYaml['steps'], add: AddIssue): void {
  const all = Object.entries(steps).map(([id, { kind, after }]) => ({ id, kind, after }));
  const scope = {
    kinds: new Map(all.map(({ id, kind }) => [id, kind])),
    before: createStepsBefore(all),
  };
  for (const [id, step] of Object.entries(steps)) {
    if (step.kind === 'suite' || !step.inputs?.length) continue;
    if (step.read_only)
      add(
        ['steps', id, 'inputs'],
        'expected "inputs" or "read_only", found both: nothing can be copied into a read-only container',
        'key',
      );
    for (const [index, { from, to }] of step.inputs.entries()) {
      const source = Object.hasOwn(steps, from) ? steps[from] : undefined;
      const hasExports = source !== undefined && source.kind !== 'suite' && source.export?.length;
      const message = explainArtifacts(from, { ...scope, step: id });
      if (message !== null) add(['steps', id, 'inputs', index, 'from'], message);
      else if (!hasExports)
        add(
          ['steps', id, 'inputs', index, 'from'],
          `expected a step with "export", found ${from}, which keeps no files`,
        );
      const lost = step.tmpfs?.find((folder) => to === folder || to.startsWith(`${folder}/`));
      if (lost !== undefined)
        add(
          ['steps', id, 'inputs', index, 'to'],
          `expected a place outside "tmpfs", which is empty at the start, found one in ${lost}`,
        );
    }
  }
}
