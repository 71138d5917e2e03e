import { existsSync } from 'node:fs';
import { usedContainerKeys } from '../../model/container-options';
import type { PlannedNode } from '../../model/node';
import { isBelowInputs } from '../../model/step-input';
import { shellVariablePattern } from '../../model/variable-name';

export const toolboxImage = 'gantry/toolbox:local';

const plainShell = '/bin/sh';
/** Passes on every variable, whatever its name. */
const carefulShell = ['/bin/bash', '/usr/bin/bash'].find((shell) => existsSync(shell));

/** The shell that leads the process group of a step with these variables. */
export function wrapperShell(env: Record<string, string | undefined>): string {
  const isPlain = Object.keys(env).every((name) => shellVariablePattern.test(name));
  return isPlain ? plainShell : (carefulShell ?? plainShell);
}

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
  if (node.build !== null) return 'builds its image';
  if (node.image !== null && node.image !== toolboxImage) return `needs the image ${node.image}`;
  if (node.command === null) return 'has no command of its own';
  const used = usedContainerKeys(node.container);
  const [key] = node.capabilities.length > 0 ? ['capabilities', ...used] : used;
  if (key !== undefined) return `has the key "${key}", which is for containers`;
  const outside = node.inputs?.find(({ to }) => !isBelowInputs(to));
  if (outside !== undefined)
    return `wants inputs at ${outside.to}, which is for containers: a relative "to" is below $GANTRY_INPUTS everywhere`;
  if (node.ready?.probes.some(({ type }) => type === 'healthcheck'))
    return 'waits for the health check of an image';
  const unfit = Object.keys(node.env).find((name) => !shellVariablePattern.test(name));
  if (unfit !== undefined && wrapperShell(node.env) === plainShell)
    return `sets the variable ${unfit}, which the shell of this machine does not pass on`;
  return null;
}
