import type { JobClaim } from '../agent-store';
import type { ClaimingAgent } from './claiming-agents';

export interface WaitingStep {
  /** The id of the step's job. */
  id: string;
  executionId: string;
  /** The agent that owns the execution's environment; null while none does. */
  agentId: string | null;
  /** Tags that an agent must have to take the step. */
  tags: string[];
}

export interface Assignment extends JobClaim {
  stepId: string;
  /** The position of the claim. */
  index: number;
}

/**
 * Gives each step, oldest first, to the first claim whose agent may take it. All steps of one execution go to one
 * agent, and one that drains begins no execution.
 */
export function assignSteps(
  claims: readonly (JobClaim & { index: number })[],
  agents: ReadonlyMap<string, ClaimingAgent>,
  steps: readonly WaitingStep[],
): Assignment[] {
  const left = claims.filter(({ agentId }) => agents.get(agentId)?.isHeard);
  const homes = new Map<string, string>();
  const assigned: Assignment[] = [];
  for (const step of steps) {
    if (left.length === 0) break;
    const home = step.agentId ?? homes.get(step.executionId);
    const place = left.findIndex(({ agentId }) => {
      if (home !== undefined) return agentId === home;
      const agent = agents.get(agentId);
      return agent && !agent.isDraining && step.tags.every((tag) => agent.tags.includes(tag));
    });
    for (const claim of place < 0 ? [] : left.splice(place, 1)) {
      homes.set(step.executionId, claim.agentId);
      assigned.push({ ...claim, stepId: step.id });
    }
  }
  return assigned;
}
