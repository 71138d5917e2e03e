import { neededAbilities } from '../../model/agent';
import { AppError, messageOf } from '../../model/errors';
import type { Hardening } from '../../model/hardening';
import { environmentOrder } from '../../model/job';
import type { RemovalReceipt } from '../../model/receipt';
import type { Availability, Backend, OnRemoved } from '../backend';
import { explainCapabilities } from '../capabilities';
import { callAgent, findAgent, inspecting, running, unexpected } from './call-agent';
import type { RemoteDependencies } from './dependencies';
import { execOnAgent } from './exec-on-agent';
import { neededTags } from './explain-wait';
import { createAgentLister } from './list-on-agents';
import { createAgentLookUp } from './look-up-on-agents';
import { runRemoteStep } from './run-remote-step';
import { createUsageBatcher } from './usage-batcher';
import { waitForJob } from './wait-for-job';

const closeLimitMs = 60_000;
const linesLimitMs = 15_000;

const nothing: RemovalReceipt = { created: 0, removed: 0, left: [] };

/**
 * The backend turned inside out: each call is written down as a job, an agent makes the same call on its own
 * Docker, and what it reports is handed on. The first step that an agent claims makes the execution's environment
 * that agent's. `offlineAfterMs`: how long after its last heartbeat an agent counts as gone.
 */
export function createRemoteBackend(
  deps: RemoteDependencies,
  {
    id,
    offlineAfterMs,
    hardening = 'standard',
  }: { id: string; offlineAfterMs: number; hardening?: Hardening },
): Backend {
  const { jobs, agents } = deps;

  async function check(): Promise<Availability> {
    try {
      const all = await agents.list(offlineAfterMs);
      const online = all.filter(({ state }) => state === 'online');
      const able = online.filter(({ problem }) => problem === null);
      if (able.length > 0) {
        return {
          available: true,
          detail: `${able.length === 1 ? 'one agent' : `${able.length} agents`} online`,
        };
      }
      const first = online[0];
      if (first)
        return { available: false, reason: `agent ${first.id} is not able to run steps: ${first.problem}` };
      return {
        available: false,
        reason:
          all.length === 0
            ? 'no agent is registered: the agents page says how to add one'
            : 'no agent is online: start one, or end its drain',
      };
    } catch (error) {
      return { available: false, reason: messageOf(error) };
    }
  }

  async function closeEnvironment(executionId: string, onRemoved?: OnRemoved): Promise<RemovalReceipt> {
    await jobs.beginClosing(executionId);
    const [known] = await jobs.environments(offlineAfterMs, executionId);
    const agent = known?.agent;
    if (agent && !agent.isPlain) {
      if (!agent.isOnline) {
        throw new AppError(
          'backend_unavailable',
          `agent ${agent.id} is offline: what it made for execution ${executionId} is removed when it is back`,
        );
      }
      const jobId = await jobs.submitControl(agent.id, { kind: 'close', executionId });
      const result = await waitForJob(deps, jobId, closeLimitMs, `agent ${agent.id} did not remove it`);
      if (!('receipt' in result)) throw unexpected(agent.id, result);
      await jobs.forgetEnvironment(executionId);
      for (const resource of result.removed) onRemoved?.(resource);
      return result.receipt;
    }
    await jobs.forgetEnvironment(executionId);
    return nothing;
  }

  return {
    id,
    kind: 'remote-agent',
    hardening,
    check,
    refuses: (plan) => explainCapabilities(plan, hardening, id),
    missingImages: createAgentLookUp(deps, offlineAfterMs),
    async openEnvironment(environment) {
      const plan = await deps.executions.plan(environment.executionId);
      await jobs.openEnvironment(
        // Each of its jobs carries it: what only a cluster asks for stays here.
        environmentOrder.parse(environment),
        [...neededTags(plan?.nodes ?? []), ...neededAbilities(plan?.nodes ?? [])],
      );
    },
    runStep: (step, watch) => runRemoteStep(deps, { offlineAfterMs }, { ...step, hardening }, watch),
    closeEnvironment,
    listEnvironments: createAgentLister(deps, offlineAfterMs),
    async exec(executionId, resource, command, onOutput, signal) {
      const agent = await findAgent(deps, offlineAfterMs, executionId, running);
      const order = { kind: 'exec', executionId, resource, command } as const;
      return execOnAgent(deps, agent.id, order, onOutput, signal);
    },
    readUsage: createUsageBatcher(deps, offlineAfterMs),
    async readLastLines(executionId, resource, lines) {
      const agent = await findAgent(deps, offlineAfterMs, executionId, inspecting);
      const order = { kind: 'lines', executionId, resource, lines } as const;
      const result = await callAgent(deps, agent.id, order, linesLimitMs);
      if (!('lastLines' in result)) throw unexpected(agent.id, result);
      return result.lastLines;
    },
  };
}
