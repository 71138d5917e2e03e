import type { PlannedNode } from '../../model/node';

export const toolboxImage = 'gantry/toolbox:local';

/** The ids of the steps that need more than a process of this machine: an image, its command or its health check. */
export function canRunOnProcess(nodes: readonly PlannedNode[]): string[] {
  return nodes.filter((node) => whyNotOnProcess(node) !== null).map(({ id }) => id);
}

/** Why these steps cannot run as processes, in one sentence that names them; null when all can. */
export function explainRefusal(nodes: readonly PlannedNode[]): string | null {
  const reasons = nodes.flatMap((node) => {
    const reason = whyNotOnProcess(node);
    return reason === null ? [] : [`${node.id} (${reason})`];
  });
  if (reasons.length === 0) return null;
  const steps = reasons.length === 1 ? 'This step' : 'These steps';
  return `${steps} cannot run as a process of this machine: ${reasons.join(', ')}. Choose a backend with containers.`;
}

export function whyNotOnProcess(node: PlannedNode): string | null {
  if (node.image !== null && node.image !== toolboxImage) return `needs the image ${node.image}`;
  if (node.command === null) return 'has no command of its own';
  if (node.ready?.probe.type === 'healthcheck') return 'waits for the health check of an image';
  return null;
}
