import type { AgentSummary } from '../../model/agent';
import type { PlannedNode } from '../../model/node';

/** A tag of a step that names what its agent must have: `agent:gpu` asks for the tag `gpu`. */
const agentTag = 'agent:';

const maxNamed = 3;

/** The tags that the agent of all these steps must have. */
export function neededTags(nodes: readonly Pick<PlannedNode, 'tags'>[]): string[] {
  const asked = nodes.flatMap(({ tags }) => tags).filter((tag) => tag.startsWith(agentTag));
  return [...new Set(asked)].map((tag) => tag.slice(agentTag.length));
}

/**
 * Why no agent has taken the first step of an execution yet, as part of a sentence. `cannot` tells whether an agent is
 * too old. It names nothing of other executions, which the reader may not be allowed to see.
 */
export function explainWait(
  executionId: string,
  agents: readonly AgentSummary[],
  needed: readonly string[],
  cannot: (agent: AgentSummary) => boolean,
): string {
  if (agents.length === 0) return 'no agent is registered: the agents page says how to add one';
  const tagged = agents.filter(({ tags }) => needed.every((tag) => tags.includes(tag)));
  if (tagged.length === 0) {
    const missing = needed.filter((tag) => !agents.some(({ tags }) => tags.includes(tag)));
    return missing.length > 0
      ? `no agent has the ${missing.length === 1 ? 'tag' : 'tags'} ${missing.join(', ')}`
      : `no agent has all of the tags ${needed.join(', ')}`;
  }
  const fit = tagged.filter((agent) => !cannot(agent));
  if (fit.length === 0) return `${named(tagged)}: too old for what the suite asks for; update it`;
  const free = fit.filter((agent) => whyNot(executionId, agent) === null);
  if (free.length > 0) return `waiting for ${named(free)} to take it`;
  const reasons = fit.slice(0, maxNamed).map((agent) => `agent ${agent.id} ${whyNot(executionId, agent)}`);
  const more = fit.length - reasons.length;
  return `waiting for an agent: ${[...reasons, ...(more > 0 ? [`${more} more are not free either`] : [])].join('; ')}`;
}

/** Null when it may take a step. */
function whyNot(
  executionId: string,
  { state, drain, problem, lastSeenAt, capacity, jobs }: AgentSummary,
): string | null {
  if (state === 'offline') return `is offline since ${lastSeenAt}`;
  if (drain) {
    return `is drained by ${drain.by} since ${drain.at}${drain.reason === '' ? '' : ` (${drain.reason})`}`;
  }
  if (problem !== null) return `cannot run steps: ${problem}`;
  // A service that is up takes no place.
  const held = jobs.filter(({ phase }) => phase !== 'ready');
  if (held.length < capacity) return null;
  const own = held.filter((job) => job.executionId === executionId).map(({ stepId }) => stepId);
  const [more, others] = [own.length - maxNamed, held.length - own.length];
  const named = [...own.slice(0, maxNamed), ...(more > 0 ? [`${more} more of this execution`] : [])];
  const foreign = others === 1 ? 'a step of another execution' : `${others} steps of other executions`;
  const steps = [...(own.length > 0 ? [named.join(', ')] : []), ...(others > 0 ? [foreign] : [])];
  return `is busy with ${steps.join(' and ')}`;
}

function named(agents: readonly AgentSummary[]): string {
  const ids = agents.map(({ id }) => id);
  const more = ids.length - maxNamed;
  return `${ids.length === 1 ? 'agent' : 'agents'} ${ids.slice(0, maxNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
