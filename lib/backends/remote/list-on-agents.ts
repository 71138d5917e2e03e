import { messageOf } from '../../model/errors';
import type { EnvironmentSnapshot } from '../backend';
import { unexpected } from './call-agent';
import type { RemoteDependencies } from './dependencies';
import { waitForJob } from './wait-for-job';

const listLimitMs = 8_000;

/**
 * What agents have that answer, and what the others are known to have been given, with the resources that were last
 * seen on them since this control plane started.
 */
export function createAgentLister(
  deps: Pick<RemoteDependencies, 'clock' | 'jobs' | 'notifier' | 'agents' | 'logger'>,
  offlineAfterMs: number,
): () => Promise<EnvironmentSnapshot[]> {
  const { jobs, agents, logger } = deps;
  let last = new Map<string, EnvironmentSnapshot>();

  /** Null: it did not answer. */
  async function listOn(agentId: string): Promise<EnvironmentSnapshot[] | null> {
    try {
      const jobId = await jobs.submitControl(agentId, { kind: 'list' });
      const result = await waitForJob(deps, jobId, listLimitMs, `agent ${agentId} did not list what it has`);
      if (!('environments' in result)) throw unexpected(agentId, result);
      return result.environments;
    } catch (error) {
      logger.warn({ agent: agentId, error: messageOf(error) }, 'the environments of an agent are not known');
      return null;
    }
  }

  return async () => {
    const all = await agents.list(offlineAfterMs);
    const silent = new Set<string>();
    const listed = await Promise.all(
      all
        .filter(({ plain }) => !plain)
        .map(async ({ id, state }) => {
          const found = state === 'offline' ? null : await listOn(id);
          if (!found) silent.add(id);
          return found ?? [];
        }),
    );
    const found = listed.flat();
    const seen = new Set(found.map(({ executionId }) => executionId));
    const given = (await jobs.environments(offlineAfterMs)).flatMap(
      ({ agent, environment, createdAt }): EnvironmentSnapshot[] => {
        const { executionId, suiteId, profile, owner, deadline } = environment;
        if (!agent || seen.has(executionId)) return [];
        const isSeen = !silent.has(agent.id);
        const resources = isSeen ? [] : (last.get(executionId)?.resources ?? []);
        return [{ executionId, suiteId, profile, owner, deadline, createdAt, resources, isSeen }];
      },
    );
    const snapshots = [...found, ...given];
    last = new Map(snapshots.map((each) => [each.executionId, each]));
    return snapshots;
  };
}
