import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { getPod } from './attempt-pod';
import type { Cluster } from './cluster';
import { containerOf, mainContainer, type Pod, type Terminated } from './objects';
import { troubleOfPod } from './pod-trouble';
import type { PodNews, PodWatch } from './pod-watch';

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

export function followPod(
  { cluster, watch }: { cluster: Cluster; watch: PodWatch },
  step: StepSpec,
  first: Pod,
): PodState {
  const { namespace, name } = first.metadata;
  let current = first;
  let failure: AppError | null = null;
  let isDeletionOurs = false;
  const waiting = new Set<() => void>();

  function changed(): void {
    for (const look of [...waiting]) look();
  }

  function see(news: PodNews): void {
    if ('pod' in news && news.pod.metadata.uid === first.metadata.uid) current = news.pod;
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
    fail(`The pod of step ${step.stepId} was deleted by somebody while it ran.`);
    changed();
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
    const trouble = troubleOfPod(step, pod);
    if (trouble) throw trouble;
    const end = containerOf(pod, mainContainer)?.state.terminated ?? null;
    if (end && pod.metadata.deletionTimestamp != null && !isDeletionOurs) {
      throw new AppError(
        'backend_failed',
        `The pod of step ${step.stepId} was deleted by somebody while it ran.`,
      );
    }
    return end;
  });
  ended.catch(() => {});
  return {
    pod: () => current,
    until,
    ended,
    expectDeletion() {
      isDeletionOurs = true;
    },
    close: unfollow,
  };
}
