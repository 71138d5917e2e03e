import { messageOf } from '../../model/errors';
import type { Cluster } from './cluster';
import { type ClusterEvent, eventList, type Pod } from './objects';

/** What the cluster last complained about this pod; null when it has not. An account that may not look is told so. */
export async function recentWarning(
  { cluster }: { cluster: Cluster },
  { metadata }: Pod,
): Promise<string | null> {
  try {
    const answer = await cluster.request('list events', `/api/v1/namespaces/${metadata.namespace}/events`, {
      query: {
        fieldSelector: `involvedObject.name=${metadata.name},involvedObject.uid=${metadata.uid},type=Warning`,
      },
      limitMs: 5_000,
    });
    const events = eventList.parse(answer).items ?? [];
    const [last] = events.sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
    return last ? `${last.reason ?? 'Warning'}: ${(last.message ?? '').trim().replace(/\.$/, '')}` : null;
  } catch (error) {
    return messageOf(error).replace(/\.$/, '');
  }
}

/** Events that are made by `events.k8s.io` have the first of their times and, where they came again, a series. */
function timeOf({ series, lastTimestamp, eventTime }: ClusterEvent): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? '';
}
