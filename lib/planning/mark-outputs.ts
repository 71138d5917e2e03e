import type { PlannedNode } from '../model/node';
import { staysUp } from '../model/step-kind';

/**
 * Marks the steps whose outputs are read: those that a later step names, those that write `GANTRY_OUTPUT` into what they
 * run, and those whose files are read anyway. To look into every container would take time for nothing.
 */
export function markOutputs(nodes: readonly PlannedNode[]): PlannedNode[] {
  const named = stepsWithNamedOutputs(nodes);
  return nodes.map((node) =>
    !staysUp(node.kind) && (named.has(node.id) || node.exports.length > 0 || mentions(node))
      ? { ...node, outputs: true }
      : node,
  );
}

/** The steps of whose outputs another one names at least one. */
export function stepsWithNamedOutputs(nodes: readonly PlannedNode[]): Set<string> {
  const named = new Set<string>();
  for (const { templates = [] } of nodes)
    for (const { parts } of templates)
      for (const part of parts ?? []) if (typeof part !== 'string' && 'step' in part) named.add(part.step);
  return named;
}

function mentions({ command, container, env }: PlannedNode): boolean {
  const texts = [command, container.args, container.entrypoint, Object.values(env)];
  return texts.some((list) => list?.some((text) => text.includes('GANTRY_OUTPUT')));
}
