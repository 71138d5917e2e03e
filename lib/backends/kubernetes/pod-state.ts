import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { getPod } from './attempt-pod';
import type { Cluster } from './cluster';
import type { PodChange } from './known-pods';
import { containerOf, mainContainer, type Pod, type Terminated } from './objects';
import { failureOfPod, whyDeleted } from './pod-failure';
import type { PodWatch } from './pod-watch';

/** The pod of one attempt as the watch tells of it. */
export interface PodState {
  pod(): Pod;
  /** Resolves with the first answer that is not null; rejects when the pod is lost. Asked again at each change. */
  until<T>(answer: (pod: Pod) => T | null): Promise<T>;
  /** Resolves with how the step's program ended; rejects when the cluster ended it, or the pod is lost. */
  ended: Promise<Terminated>;
  /** The pod is about to be deleted by us: that is no trouble. */
  expectDeletion(): void;
  close(): void;
}

/** From the end of a deleted pod's grace time to the news of its end: a node that is gone says nothing. */
const deletionSlackMs = 20_000;

export function followPod(
  { clock, cluster, watch }: { clock: Clock; cluster: Cluster; watch: PodWatch },
  step: StepSpec,
  first: Pod,
): PodState {
  const { namespace, name } = first.metadata;
  let current = first;
  let failure: AppError | null = null;
  let isDeletionOurs = false;
  let isLimited = false;
  const closed = new AbortController();
  const waiting = new Set<() => void>();

  function changed(): void {
    for (const look of [...waiting]) look();
  }

  function see(news: PodChange): void {
    if ('pod' in news && news.pod.metadata.uid === first.metadata.uid) current = news.pod;
    if (current.metadata.deletionTimestamp != null && !isDeletionOurs) limitDeletion();
    if ('lost' in news) fail(`The cluster is gone while step ${step.stepId} ran: ${news.lost}`);
    if ('gone' in news) {
      if (news.gone?.metadata.uid === first.metadata.uid) current = news.gone;
      void confirmGone();
    }
    changed();
  }

  /** A list may be older than the pod. */
  async function confirmGone(): Promise<void> {
    const found = await getPod(cluster, namespace, name).catch(() => current);
    if (found?.metadata.uid === first.metadata.uid) return;
    fail(isDeletionOurs ? notSaid() : whyDeleted(step, current));
    changed();
  }

  function notSaid(): string {
    return `The pod of step ${step.stepId} was deleted to stop it, and its node did not say how it ended.`;
  }

  function limitDeletion(): void {
    if (isLimited) return;
    isLimited = true;
    const graceMs = (current.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
    void clock.sleep(graceMs + deletionSlackMs, closed.signal).then(() => {
      if (closed.signal.aborted) return;
      fail(`${whyDeleted(step, current)} Its node ${current.spec.nodeName ?? ''} has not said how it ended.`);
      changed();
    });
  }

  function fail(message: string): void {
    failure ??= new AppError('backend_failed', message);
  }

  function until<T>(answer: (pod: Pod) => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        try {
          const found = answer(current);
          if (found === null && !failure) return;
          waiting.delete(look);
          if (found !== null) resolve(found);
          else reject(failure);
        } catch (error) {
          waiting.delete(look);
          reject(error);
        }
      };
      waiting.add(look);
      look();
    });
  }

  const unfollow = watch.follow(namespace, name, see);
  const ended = until((pod) => {
    const podFailure = failureOfPod(step, pod);
    if (podFailure) throw podFailure;
    const { terminated, running } = containerOf(pod, mainContainer)?.state ?? {};
    if (pod.metadata.deletionTimestamp != null && !isDeletionOurs && !running) {
      throw new AppError('backend_failed', whyDeleted(step, pod));
    }
    return terminated ?? null;
  });
  ended.catch(() => {});
  return {
    pod: () => current,
    until,
    ended,
    expectDeletion() {
      isDeletionOurs = true;
    },
    close() {
      closed.abort();
      unfollow();
    },
  };
}
