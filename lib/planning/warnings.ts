import { type PlannedNode, staysUp } from '../model/node';
import type { FlatStep } from './flatten';

/** What is allowed and hardly ever meant. */
export function findWarnings(planned: readonly FlatStep[], nodes: readonly PlannedNode[]): string[] {
  const steps = new Map(planned.map(({ id, step }) => [id, step]));
  const awaited = new Set(nodes.flatMap(({ after, onFailure }) => [...after, ...onFailure]));
  const mayGoOn = new Set(nodes.filter(({ continueOnFailure }) => continueOnFailure).map(({ id }) => id));
  return nodes.flatMap((node) => {
    const warnings: string[] = [];
    const step = steps.get(node.id);
    if (staysUp(node.kind)) {
      if (!awaited.has(node.id))
        warnings.push(`Nothing waits for the ${node.kind} ${node.id}: no step has it in "after".`);
      if (step?.timeoutMs)
        warnings.push(`${node.id} is a ${node.kind}: "timeout" does not limit it; "ready" has one.`);
      if (step?.retries?.max)
        warnings.push(`${node.id} is a ${node.kind}: its retries count only until it is ready.`);
    }
    const both = node.onFailure.filter((id) => node.after.includes(id) && !mayGoOn.has(id));
    if (both.length > 0 && both.length === node.onFailure.length) {
      warnings.push(
        `${node.id} never runs: it needs ${both.join(' and ')} to succeed ("after") and to fail ("on_failure").`,
      );
    }
    return warnings;
  });
}
