import { type AgentSummary, isSince, lookUpSince } from '../../model/agent';
import { messageOf } from '../../model/errors';
import type { LookedUpImage, LookUpImages } from '../../model/image-look-up';
import { registryOf } from '../../model/image-reference';
import type { StepWatch } from '../backend';
import { callAgent, unexpected } from './call-agent';
import type { RemoteDependencies } from './dependencies';
import { agentTags } from './explain-wait';

/** An agent's own look-up takes four seconds at the most. */
const answerLimitMs = 6_000;
/** Where more agents may take the steps, none is asked. */
const maxAgents = 8;

/**
 * Implements `Backend.missingImages`. Any of the agents that fit may take the steps: an image is missing where it is so on
 * all of them. When one of them cannot be asked or does not answer, nobody can tell.
 */
export function createAgentLookUp(deps: RemoteDependencies, offlineAfterMs: number): LookUpImages {
  const { agents, logger } = deps;

  async function lookUp(
    images: readonly LookedUpImage[],
    registries: Pick<StepWatch, 'registryLogin'> | null,
    tags: readonly string[],
  ): Promise<(string | null)[]> {
    const all = await agents.list(offlineAfterMs);
    const fit = all.filter((agent) => mayTake(agent, agentTags(tags)));
    if (fit.length === 0 || fit.length > maxAgents || fit.some((agent) => !canTell(agent))) return [];
    const hosts = registries === null ? new Set<string>() : await hostsToAsk(images, registries);
    const asked = images.map((image) => ({ ...image, asksRegistry: hosts.has(registryOf(image.name)) }));
    const answers = await Promise.all(
      fit.map(async ({ id }) => {
        const result = await callAgent(deps, id, { kind: 'images', images: asked }, answerLimitMs);
        if (!('missingImages' in result)) throw unexpected(id, result);
        return result.missingImages;
      }),
    );
    const where = `On ${fit.length === 1 ? 'agent' : 'agents'} ${fit.map(({ id }) => id).join(', ')}: `;
    return images.map((_, index) => {
      const told = answers.map((answer) => answer[index] ?? null);
      return told.includes(null) ? null : where + told[0];
    });
  }

  return async (images, registries, tags = []) => {
    if (images.length === 0) return [];
    try {
      return await lookUp(images, registries, tags);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'images of a launch could not be looked up on agents');
      return [];
    }
  };
}

function mayTake({ state, problem, tags }: AgentSummary, needed: readonly string[]): boolean {
  return state === 'online' && problem === null && needed.every((tag) => tags.includes(tag));
}

function canTell({ plain, version }: AgentSummary): boolean {
  return !plain && isSince(version, lookUpSince);
}

/** Those for which the platform has no login: an agent gets one for a pull alone, and without it would be refused. */
async function hostsToAsk(
  images: readonly LookedUpImage[],
  { registryLogin }: Pick<StepWatch, 'registryLogin'>,
): Promise<Set<string>> {
  const hosts = [...new Set(images.map(({ name }) => registryOf(name)))];
  const logins = await Promise.all(hosts.map((host) => registryLogin?.(host) ?? null));
  return new Set(hosts.filter((_, index) => logins[index] === null));
}
