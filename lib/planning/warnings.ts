import type { PlannedNode } from '../model/node';
import { staysUp } from '../model/step-kind';
import { shellVariablePattern } from '../model/variable-name';
import type { FlatStep } from './flatten';
import { variableWarnings } from './variable-warnings';

/** Finds what is allowed and hardly ever meant. A warning about one place in a file begins with that place. */
export function findWarnings(planned: readonly FlatStep[], nodes: readonly PlannedNode[]): string[] {
  return [
    ...flowWarnings(planned, nodes),
    ...fileWarnings(planned),
    ...variableWarnings(planned, nodes),
    ...nodes.flatMap(shellWarning),
  ];
}

/** Warns of variables that the shell of a step would keep from its programs. */
function shellWarning({ id, command, env }: PlannedNode): string[] {
  const [program, option] = command ?? [];
  const unfit = Object.keys(env).filter((name) => !shellVariablePattern.test(name));
  if (program !== 'sh' || option !== '-c' || unfit.length === 0) return [];
  return [
    `${id} runs in a shell, and many shells drop variables such as ${unfit[0]}: give "run" as a list, or leave it out.`,
  ];
}

function fileWarnings(planned: readonly FlatStep[]): string[] {
  return [...new Set(planned.map(({ level }) => level))].flatMap(({ suite, prefix }) =>
    suite.warnings.map(({ file, line, column, message }) => `${prefix}${file}:${line}:${column}: ${message}`),
  );
}

function flowWarnings(planned: readonly FlatStep[], nodes: readonly PlannedNode[]): string[] {
  const steps = new Map(planned.map(({ id, step }) => [id, step]));
  const awaited = new Set(nodes.flatMap(({ after, onFailure }) => [...after, ...onFailure]));
  const mayGoOn = new Set(nodes.filter(({ continueOnFailure }) => continueOnFailure).map(({ id }) => id));
  return nodes.flatMap((node) => {
    const warnings: string[] = [];
    const step = steps.get(node.id);
    if (staysUp(node.kind)) {
      if (!awaited.has(node.id))
        warnings.push(`Nothing waits for the ${node.kind} ${node.id}: no step has it in "after".`);
      if (step?.timeout)
        warnings.push(`${node.id} is a ${node.kind}: "timeout" does not limit it; "ready" has one.`);
      if (step?.retries?.max)
        warnings.push(`${node.id} is a ${node.kind}: its retries count only until it is ready.`);
    }
    const both = node.onFailure.filter((id) => node.after.includes(id) && !mayGoOn.has(id));
    if (!node.always && both.length > 0 && both.length === node.onFailure.length) {
      warnings.push(
        `${node.id} never runs: it needs ${both.join(' and ')} to succeed ("after") and to fail ("on_failure").`,
      );
    }
    return warnings;
  });
}
