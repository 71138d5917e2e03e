import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';

/**
 * Why a backend cannot run the plan, in one sentence that names the steps and their keys; null when it can.
 * `refusedKeys` tells what it cannot do of what a step says about its container.
 */
export function explainContainerKeys(
  plan: Plan,
  backend: string,
  refusedKeys: (node: PlannedNode) => string[],
): string | null {
  const steps = plan.nodes.flatMap((node) => {
    const keys = refusedKeys(node);
    return keys.length === 0 ? [] : [`${node.id} (${keys.join(', ')})`];
  });
  if (steps.length === 0) return null;
  return `${backend} does not have these keys of steps: ${steps.join(', ')}. Leave them out, or choose a backend on Docker.`;
}
