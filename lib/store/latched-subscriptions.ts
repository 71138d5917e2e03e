/** Latched listeners of this process, by topic. */
export interface LatchedSubscriptions {
  notify(topic: string): void;
  notifyAll(): void;
  /** `next` resolves when the topic was rung since the last call, or at once when the signal ends. */
  subscribe(topic: string, signal: AbortSignal): { next(): Promise<void> };
}

interface Latch {
  isNotified: boolean;
  wake: (() => void) | null;
}

export function createLatchedSubscriptions(): LatchedSubscriptions {
  const topics = new Map<string, Set<Latch>>();

  return {
    notify(topic) {
      for (const latch of topics.get(topic) ?? []) wakeLatch(latch);
    },
    notifyAll() {
      for (const latches of topics.values()) for (const latch of latches) wakeLatch(latch);
    },
    subscribe(topic, signal) {
      const latch: Latch = { isNotified: false, wake: null };
      if (!signal.aborted) {
        const latches = topics.get(topic) ?? new Set();
        topics.set(topic, latches.add(latch));
        signal.addEventListener('abort', unsubscribe, { once: true });
      }
      function unsubscribe() {
        const latches = topics.get(topic);
        latches?.delete(latch);
        if (latches?.size === 0) topics.delete(topic);
        wakeLatch(latch);
      }
      return {
        async next() {
          if (!latch.isNotified && !signal.aborted) {
            await new Promise<void>((resolve) => {
              const others = latch.wake;
              latch.wake = () => {
                others?.();
                resolve();
              };
            });
          }
          latch.isNotified = false;
        },
      };
    },
  };
}

function wakeLatch(latch: Latch): void {
  latch.isNotified = true;
  latch.wake?.();
  latch.wake = null;
}
