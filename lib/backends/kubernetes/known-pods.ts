import type { Pod } from './objects';

/** What a follower is told: the pod as it stands, that it is gone, or that the cluster has been away for too long. */
export type PodChange = { pod: Pod } | { gone: Pod | null } | { lost: string };

/** The pods of an installation as they were seen last, and who follows them. */
export interface KnownPods {
  /** Tells nobody of a version that is known. */
  put(pod: Pod): void;
  /** A pod that was deleted. */
  remove(pod: Pod): void;
  /** Takes `pods` as all that there are. Those of `followedBefore`, from before they were listed, that are not there are gone. */
  replaceAll(pods: readonly Pod[], followedBefore: ReadonlySet<string>): void;
  /** Tells each follower of one pod. */
  lose(reason: string): void;
  followed(): Set<string>;
  isFollowed(): boolean;
  /** Each of these returns how to stop. */
  follow(namespace: string, name: string, onNews: (news: PodChange) => void): () => void;
  followAll(onChange: () => void): () => void;
  all(): Pod[];
  clear(): void;
}

export function createKnownPods(): KnownPods {
  const pods = new Map<string, Pod>();
  const followers = new Map<string, Set<(news: PodChange) => void>>();
  const allFollowers = new Set<() => void>();

  function tell(key: string, news: PodChange): void {
    for (const follower of followers.get(key) ?? []) follower(news);
    for (const follower of allFollowers) follower();
  }

  function put(next: Pod): void {
    const key = keyOf(next.metadata);
    if (pods.get(key)?.metadata.resourceVersion === next.metadata.resourceVersion) return;
    pods.set(key, next);
    tell(key, { pod: next });
  }

  return {
    put,
    remove(pod) {
      const key = keyOf(pod.metadata);
      pods.delete(key);
      tell(key, { gone: pod });
    },
    replaceAll(present, followedBefore) {
      const keys = new Set(present.map(({ metadata }) => keyOf(metadata)));
      for (const key of new Set([...pods.keys(), ...followedBefore])) {
        if (keys.has(key)) continue;
        const gone = pods.get(key) ?? null;
        pods.delete(key);
        tell(key, { gone });
      }
      for (const each of present) put(each);
    },
    lose(reason) {
      for (const key of followers.keys()) tell(key, { lost: reason });
    },
    followed: () => new Set(followers.keys()),
    isFollowed: () => followers.size > 0 || allFollowers.size > 0,
    follow(namespace, name, onNews) {
      const key = keyOf({ namespace, name });
      const ofKey = followers.get(key) ?? new Set();
      followers.set(key, ofKey.add(onNews));
      const found = pods.get(key);
      if (found) onNews({ pod: found });
      return () => {
        ofKey.delete(onNews);
        if (ofKey.size === 0 && followers.get(key) === ofKey) followers.delete(key);
      };
    },
    followAll(onChange) {
      allFollowers.add(onChange);
      return () => void allFollowers.delete(onChange);
    },
    all: () => [...pods.values()],
    clear: () => pods.clear(),
  };
}

function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
