import { messageOf } from '../../model/errors';
import { mostUsages } from '../../model/job';
import type { UsageReading } from '../backend';
import { askAgent, looking, unexpected, whyNotAsked } from './ask-agent';
import type { RemoteDependencies } from './dependencies';

/** Who asks within so long is answered with one question to each agent. */
const gatherMs = 20;
const answerLimitMs = 2_500;
/** An agent that did not answer is not asked for so long: whoever waits for it waits for all. */
const restMs = 10_000;

interface Waiter {
  executionId: string;
  resource: string;
  tell(reading: UsageReading | null): void;
}

/** See `Backend.readUsage`. Readings that are asked for together cost one job an agent; with no reader, none. */
export function createUsageDesk(
  deps: Pick<RemoteDependencies, 'clock' | 'jobs' | 'doorbell' | 'logger'>,
  offlineAfterMs: number,
): (executionId: string, resource: string) => Promise<UsageReading | null> {
  const { clock, jobs, logger } = deps;
  const restUntilMs = new Map<string, number>();
  let waiting: Waiter[] = [];

  async function serve(): Promise<void> {
    await clock.sleep(gatherMs);
    const waiters = waiting;
    waiting = [];
    try {
      const byAgent = await groupByAgent(waiters);
      await Promise.all([...byAgent].map(([agentId, its]) => ask(agentId, its)));
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'agents could not be asked what their steps use');
    } finally {
      // Those that were answered hear nothing of it.
      for (const { tell } of waiters) tell(null);
    }
  }

  async function groupByAgent(waiters: readonly Waiter[]): Promise<Map<string, Waiter[]>> {
    const agents = new Map(
      (await jobs.environments(offlineAfterMs)).map(({ environment, agent }) => [
        environment.executionId,
        agent,
      ]),
    );
    const byAgent = new Map<string, Waiter[]>();
    for (const waiter of waiters) {
      const agent = agents.get(waiter.executionId);
      if (!agent || whyNotAsked(agent, looking) !== null) continue;
      if ((restUntilMs.get(agent.id) ?? 0) > clock.monotonicMs()) continue;
      byAgent.set(agent.id, [...(byAgent.get(agent.id) ?? []), waiter].slice(0, mostUsages));
    }
    return byAgent;
  }

  async function ask(agentId: string, waiters: readonly Waiter[]): Promise<void> {
    const resources = waiters.map(({ executionId, resource }) => ({ executionId, resource }));
    try {
      const result = await askAgent(deps, agentId, { kind: 'usage', resources }, answerLimitMs);
      if (!('usages' in result)) throw unexpected(agentId, result);
      restUntilMs.delete(agentId);
      for (const { executionId, resource, tell } of waiters) {
        const told = result.usages.find(
          (each) => each.executionId === executionId && each.resource === resource,
        );
        tell(told?.reading ?? null);
      }
    } catch (error) {
      restUntilMs.set(agentId, clock.monotonicMs() + restMs);
      logger.debug({ agent: agentId, error: messageOf(error) }, 'an agent did not say what its steps use');
    }
  }

  return (executionId, resource) =>
    new Promise((tell) => {
      waiting.push({ executionId, resource, tell });
      if (waiting.length === 1) void serve();
    });
}
