import { type AgentSummary, abilitiesOf, isSince, lookUpSince, neededAbilities } from '../../model/agent';
import { messageOf } from '../../model/errors';
import type { LookedUpImage, LookUpImages } from '../../model/image-look-up';
import { registryOf } from '../../model/image-reference';
import type { PlannedNode } from '../../model/node';
import type { StepWatch } from '../backend';
import { callAgent, unexpected } from './call-agent';
import type { RemoteDependencies } from './dependencies';
import { neededTags } from './explain-wait';

/** An agent's own look-up takes four seconds at the most. */
const answerLimitMs = 6_000;
/** A question that nobody waits for any more is gone after so long. */
const watchedMs = answerLimitMs + 4_000;
/** Where more agents may take the steps, none is asked. */
const maxAgents = 8;
/** An agent that did not answer is not asked for so long: launches wait for it. */
const restMs = 30_000;

type Missing = (string | null)[];

/**
 * Implements `Backend.missingImages`. Any of the agents that fit may take the steps: an image is missing where it is so on
 * all of them. When one of them cannot be asked or does not answer, nobody can tell. A preview asks no agent, since that
 * writes down a job.
 */
export function createAgentLookUp(
  deps: Pick<RemoteDependencies, 'clock' | 'logger' | 'jobs' | 'notifier'> & {
    agents: Pick<RemoteDependencies['agents'], 'list'>;
  },
  offlineAfterMs: number,
): LookUpImages {
  const { clock, agents, logger } = deps;
  const restUntilMs = new Map<string, number>();

  function canTell({ id, plain, version }: AgentSummary): boolean {
    const rests = (restUntilMs.get(id) ?? 0) > clock.monotonicMs();
    return !plain && !rests && isSince(version, lookUpSince);
  }

  async function ask(id: string, images: AskedImage[]): Promise<Missing> {
    try {
      const result = await callAgent(deps, id, { kind: 'images', images }, answerLimitMs, watchedMs);
      if (!('missingImages' in result)) throw unexpected(id, result);
      restUntilMs.delete(id);
      return result.missingImages;
    } catch (error) {
      restUntilMs.set(id, clock.monotonicMs() + restMs);
      throw error;
    }
  }

  async function lookUp(
    images: readonly LookedUpImage[],
    registries: Pick<StepWatch, 'registryLogin'>,
    nodes: readonly PlannedNode[],
  ): Promise<Missing> {
    const fit = (await agents.list(offlineAfterMs)).filter((agent) => mayTake(agent, nodes));
    if (fit.length === 0 || fit.length > maxAgents || !fit.every(canTell)) return [];
    const hosts = await hostsToAsk(images, registries);
    const asked = images.map((image) => ({ ...image, asksRegistry: hosts.has(registryOf(image.name)) }));
    const answers = await untilNothingIsMissing(fit.map(({ id }) => ask(id, asked)));
    if (answers === null) return [];
    const where = `On ${fit.length === 1 ? 'agent' : 'agents'} ${fit.map(({ id }) => id).join(', ')}: `;
    return images.map((_, index) => {
      const told = answers.map((answer) => answer[index] ?? null);
      return told.includes(null) ? null : where + told[0];
    });
  }

  return async (images, registries, nodes = []) => {
    if (images.length === 0 || registries === null) return [];
    try {
      return await lookUp(images, registries, nodes);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'images of a launch could not be looked up on agents');
      return [];
    }
  };
}

type AskedImage = LookedUpImage & { asksRegistry: boolean };

/** All answers; null as soon as one of them says that nothing is missing, whatever the others say. */
async function untilNothingIsMissing(asks: Promise<Missing>[]): Promise<Missing[] | null> {
  const nothing = new Promise<null>((resolve) => {
    const check = (missing: Missing) => {
      if (missing.every((each) => each === null)) resolve(null);
    };
    // Who waits for all of them hears of a failure.
    for (const each of asks) each.then(check, () => undefined);
  });
  return Promise.race([nothing, Promise.all(asks)]);
}

function mayTake({ state, problem, tags, version }: AgentSummary, nodes: readonly PlannedNode[]): boolean {
  const abilities = abilitiesOf(version);
  return (
    state === 'online' &&
    problem === null &&
    neededTags(nodes).every((tag) => tags.includes(tag)) &&
    neededAbilities(nodes).every((ability) => abilities.includes(ability))
  );
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
