import { AppError } from '../model/errors';
import { allowedCapabilities, type Capability, type Hardening, shareCapabilities } from '../model/hardening';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';

/** Why steps of the plan cannot have the capabilities that they ask for, in one sentence; null when they can. */
export function explainCapabilities(plan: Plan, level: Hardening, backendId: string): string | null {
  const refused = plan.nodes.flatMap(({ id, capabilities }) => {
    const names = shareCapabilities(level, capabilities).refused;
    return names.length === 0 ? [] : [`${id} asks for ${names.join(', ')}`];
  });
  if (refused.length === 0) return null;
  const where =
    level === 'strict'
      ? `The hardening of the backend \`${backendId}\` is strict, and there`
      : `On the backend \`${backendId}\``;
  return `${where} a step may have ${allowedCapabilities(level).join(', ')} at most: ${refused.join('; ')}. Take them out of \`capabilities\` or choose another backend.`;
}

/** Throws AppError `backend_failed` when the step asks for a capability that it may not have. */
export function grantedCapabilities(
  { stepId, node }: { stepId: string; node: PlannedNode },
  level: Hardening,
): Capability[] {
  const { given, refused } = shareCapabilities(level, node.capabilities);
  if (refused.length === 0) return given;
  throw new AppError(
    'backend_failed',
    `Step ${stepId} asks for ${refused.join(', ')}, which is not given here. ` +
      `A step may have: ${allowedCapabilities(level).join(', ')}.`,
  );
}
