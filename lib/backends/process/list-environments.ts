import type { EnvironmentSnapshot } from '../backend';
import { attemptName } from '../labels';
import { isAlive } from './process-group';
import { attemptsOf, environmentFolder, environmentIds, readEnvironment } from './scratch';
import { findLeader } from './step-program';

/** Lists environments from the files in the scratch folders alone. */
export async function listProcessEnvironments({
  root,
  installation,
}: {
  root: string;
  installation: string;
}): Promise<EnvironmentSnapshot[]> {
  const snapshots: EnvironmentSnapshot[] = [];
  for (const executionId of await environmentIds(root)) {
    const environment = await readEnvironment(root, executionId);
    if (environment?.installation !== installation) continue;
    const { suiteId, owner, deadline, createdAt } = environment;
    const name = environmentFolder(root, executionId);
    const snapshot: EnvironmentSnapshot = {
      executionId,
      suiteId,
      owner,
      deadline,
      createdAt,
      resources: [{ kind: 'folder', name, stepId: null, state: null }],
    };
    for (const { stepId, attempt, folder } of await attemptsOf(root, executionId)) {
      const leader = await findLeader(folder);
      if (!leader) continue;
      const state = (await isAlive(leader)) ? 'running' : 'exited';
      snapshot.resources.push({
        kind: 'process',
        name: attemptName({ executionId, stepId, attempt }),
        stepId,
        state,
        address: `process group ${leader.pid}`,
      });
    }
    snapshots.push(snapshot);
  }
  return snapshots;
}
