import type { Principal } from '../../identity/principal';
import { AppError } from '../../model/errors';
import type { AgentIdentity, JobHolder } from '../../store/agent-store';
import type { Store } from '../../store/store';

export const leaseTokenHeader = 'x-gantry-lease-token';

/**
 * The agent that a request speaks for. An unknown name becomes a plain client's; that of another token is refused
 * with `forbidden`. A plain client has no heartbeat, so that this counts as one.
 */
export async function admitAgent(
  { store }: { store: Store },
  { agentId, tokenId, instance }: { agentId: string; tokenId: string; instance: string | null },
): Promise<void> {
  const known = await store.agents.get(agentId);
  const agent = known?.tokenId === tokenId ? known : await store.agents.admit(agentId, tokenId);
  if (agent.instance !== null && instance !== null && agent.instance !== instance) {
    throw new AppError(
      'conflict',
      `Another worker runs as agent ${agentId} by now. Give each one a name of its own.`,
    );
  }
  if (agent.instance === null) await store.agents.seen([agentId]);
}

/** The agent of the path, by its own token. */
export async function ownAgent(
  { store }: { store: Store },
  principal: Principal,
  agentId: string,
): Promise<AgentIdentity> {
  const agent = await store.agents.get(agentId);
  if (agent?.tokenId !== tokenOf(principal)) {
    throw new AppError('not_found', `There is no agent ${agentId} of this token: register first.`);
  }
  return agent;
}

export function holderOf(
  principal: Principal,
  { agentId, leaseToken }: { agentId: string; leaseToken?: string | null | undefined },
): JobHolder {
  return { agentId, tokenId: tokenOf(principal), leaseToken: leaseToken ?? null };
}

export function tokenOf(principal: Principal): string {
  if (principal.role !== 'agent' || !principal.tokenId)
    throw new AppError('forbidden', 'This needs the token of an agent.');
  return principal.tokenId;
}
