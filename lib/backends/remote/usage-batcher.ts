import { messageOf } from '../../model/errors';
import { maxUsages } from '../../model/job';
import type { UsageReading } from '../backend';
import { callAgent, inspecting, unexpected, whyUnavailable } from './call-agent';
import type { RemoteDependencies } from './dependencies';

/** Readings requested within this time share one request to each agent. */
const gatherMs = 20;
const answerLimitMs = 2_500;
/** An agent that did not answer is not asked for so long: whoever waits for it waits for all. */
const restMs = 10_000;

interface Waiter {
  executionId: string;
  resource: string;
  resolve(reading: UsageReading | null): void;
}

/** See `Backend.readUsage`. Readings that are asked for together cost one job an agent; with no reader, none. */
export function createUsageBatcher(
  deps: Pick<RemoteDependencies, 'clock' | 'jobs' | 'notifier' | 'logger'>,
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
      await Promise.all(
        [...byAgent].map(([agentId, waitersOfAgent]) => readFromAgent(agentId, waitersOfAgent)),
      );
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'agents could not be asked what their steps use');
    } finally {
      // Those that were answered hear nothing of it.
      for (const { resolve } of waiters) resolve(null);
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
      if (!agent || whyUnavailable(agent, inspecting) !== null) continue;
      if ((restUntilMs.get(agent.id) ?? 0) > clock.monotonicMs()) continue;
      byAgent.set(agent.id, [...(byAgent.get(agent.id) ?? []), waiter].slice(0, maxUsages));
    }
    return byAgent;
  }

  async function readFromAgent(agentId: string, waiters: readonly Waiter[]): Promise<void> {
    const resources = waiters.map(({ executionId, resource }) => ({ executionId, resource }));
    try {
      const result = await callAgent(deps, agentId, { kind: 'usage', resources }, answerLimitMs);
      if (!('usages' in result)) throw unexpected(agentId, result);
      restUntilMs.delete(agentId);
      for (const { executionId, resource, resolve } of waiters) {
        const usage = result.usages.find(
          (each) => each.executionId === executionId && each.resource === resource,
        );
        resolve(usage?.reading ?? null);
      }
    } catch (error) {
      restUntilMs.set(agentId, clock.monotonicMs() + restMs);
      logger.debug({ agent: agentId, error: messageOf(error) }, 'an agent did not say what its steps use');
    }
  }

  return (executionId, resource) =>
    new Promise((resolve) => {
      waiting.push({ executionId, resource, resolve });
      if (waiting.length === 1) void serve();
    });
}
