import type { SuiteAccess } from '../identity/suite-access';
import type { AgentSummary } from '../model/agent';
import type { Inventory, LiveInventory } from '../model/environment';
import type { CallersRights } from '../model/suite-details';
import { suiteRights } from '../model/suite-rights';
import type { Store } from '../store/store';
import type { Snapshot } from '../streams/snapshot-feed';

/** Filters for answers about many suites. */

export function visibleInventory(inventory: Inventory, suites: SuiteAccess): Inventory {
  if (suites.scope === null) return inventory;
  const environments = inventory.environments.filter(({ suiteId }) => suites.may('see', suiteId));
  return { ...inventory, environments };
}

/** The suite with what the caller may do with it. */
export function withRights<T extends { id: string }>(suite: T, suites: SuiteAccess): T & CallersRights {
  return { ...suite, ...rightsTo(suite.id, suites) };
}

/** The schedule with what the caller may do with its suite. */
export function withSuiteRights<T extends { suiteId: string }>(
  schedule: T,
  suites: SuiteAccess,
): T & CallersRights {
  return { ...schedule, ...rightsTo(schedule.suiteId, suites) };
}

function rightsTo(suiteId: string, suites: SuiteAccess): CallersRights {
  return {
    rights: suiteRights.filter((right) => suites.may(right, suiteId)),
    rightsFrom: suites.isGranted('see', suiteId) ? 'grants' : 'role',
  };
}

/** An inventory that has not changed stays the same object. */
export async function* visibleEnvironments(
  snapshots: AsyncIterable<Snapshot<LiveInventory>>,
  suites: SuiteAccess,
): AsyncGenerator<Snapshot<LiveInventory>> {
  let whole: Inventory | null = null;
  let visible: Inventory | null = null;
  for await (const { version, value } of snapshots) {
    if (visible === null || whole !== value.inventory) visible = visibleInventory(value.inventory, suites);
    whole = value.inventory;
    const ids = new Set(visible.environments.map(({ id }) => id));
    const usages =
      suites.scope === null ? value.usages : value.usages.filter(({ executionId }) => ids.has(executionId));
    yield { version, value: { inventory: visible, usages } };
  }
}

/** All agents, without the jobs of suites that the caller may not see. */
export async function visibleAgents(
  { executions }: Pick<Store, 'executions'>,
  agents: AgentSummary[],
  suites: SuiteAccess,
): Promise<AgentSummary[]> {
  if (suites.scope === null) return agents;
  const ids = agents.flatMap(({ jobs }) => jobs.map(({ executionId }) => executionId));
  const suiteIds = ids.length > 0 ? await executions.suiteIds(ids) : new Map<string, string>();
  return agents.map((agent) => ({
    ...agent,
    jobs: agent.jobs.filter(({ executionId }) => suites.may('see', suiteIds.get(executionId) ?? null)),
  }));
}

export async function* visibleAgentLists(
  store: Pick<Store, 'executions'>,
  snapshots: AsyncIterable<Snapshot<AgentSummary[]>>,
  suites: SuiteAccess,
): AsyncGenerator<Snapshot<AgentSummary[]>> {
  for await (const { version, value } of snapshots)
    yield { version, value: await visibleAgents(store, value, suites) };
}
