import type Docker from 'dockerode';
import { labelNames } from '@/lib/backends/labels';

/** Removes what carries the label of one of these suites; answers what that was. Nothing, when all went well. */
export async function removeLeftovers(docker: Docker, suiteIds: string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const suiteId of suiteIds) {
    const filters = { label: [`${labelNames.suite}=${suiteId}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
      removed.push(`container ${Id.slice(0, 12)} of ${suiteId}`);
    }
    for (const { Id, Name } of await docker.listNetworks({ filters })) {
      await docker.getNetwork(Id).remove();
      removed.push(`network ${Name} of ${suiteId}`);
    }
    for (const { Name } of (await docker.listVolumes({ filters })).Volumes) {
      await docker.getVolume(Name).remove();
      removed.push(`volume ${Name} of ${suiteId}`);
    }
  }
  return removed;
}
