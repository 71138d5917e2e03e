/** A counting semaphore. Those who wait under different keys take turns; under one key the first come first. */
export interface FairSemaphore {
  /** Takes a slot at once; null when none is free or others wait. */
  tryAcquire(): Release | null;
  /** How many slots nobody has. */
  free(): number;
  /** Waits for one. Resolves with null when the signal ends first. */
  acquire(key: string, signal: AbortSignal): Promise<Release | null>;
}

/** Gives the slot back; calling it twice is calling it once. */
export type Release = () => void;

type Give = (release: Release) => void;

export function createFairSemaphore(size: number): FairSemaphore {
  let free = size;
  /** In the order in which the keys have their turns. */
  const queues = new Map<string, Set<Give>>();

  function newRelease(): Release {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const next = nextInTurn();
      if (next) next(newRelease());
      else free += 1;
    };
  }

  function nextInTurn(): Give | null {
    for (const [key, queue] of queues) {
      const [give] = queue;
      if (!give) continue;
      removeWaiter(key, give);
      const rest = queues.get(key);
      // To the end of the line, if it waits for more.
      if (rest && queues.delete(key)) queues.set(key, rest);
      return give;
    }
    return null;
  }

  function removeWaiter(key: string, give: Give): void {
    const queue = queues.get(key);
    queue?.delete(give);
    if (queue?.size === 0) queues.delete(key);
  }

  function tryAcquire(): Release | null {
    if (free === 0) return null;
    free -= 1;
    return newRelease();
  }

  return {
    tryAcquire,
    free: () => free,
    acquire(key, signal) {
      if (signal.aborted) return Promise.resolve(null);
      const release = tryAcquire();
      if (release) return Promise.resolve(release);
      return new Promise((resolve) => {
        const give: Give = (acquired) => {
          signal.removeEventListener('abort', giveUp);
          resolve(acquired);
        };
        const giveUp = () => {
          removeWaiter(key, give);
          resolve(null);
        };
        const queue = queues.get(key) ?? new Set();
        queues.set(key, queue.add(give));
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
