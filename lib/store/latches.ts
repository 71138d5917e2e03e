/** Latched listeners of this process, by topic. */
export interface Latches {
  ring(topic: string): void;
  ringAll(): void;
  /** `rung` resolves when the topic was rung since the last call, or at once when the signal ends. */
  listen(topic: string, signal: AbortSignal): { rung(): Promise<void> };
}

interface Latch {
  isRung: boolean;
  wake: (() => void) | null;
}

export function createLatches(): Latches {
  const topics = new Map<string, Set<Latch>>();

  return {
    ring(topic) {
      for (const latch of topics.get(topic) ?? []) ringLatch(latch);
    },
    ringAll() {
      for (const latches of topics.values()) for (const latch of latches) ringLatch(latch);
    },
    listen(topic, signal) {
      const latch: Latch = { isRung: false, wake: null };
      if (!signal.aborted) {
        const latches = topics.get(topic) ?? new Set();
        topics.set(topic, latches.add(latch));
        signal.addEventListener('abort', leave, { once: true });
      }
      function leave() {
        const latches = topics.get(topic);
        latches?.delete(latch);
        if (latches?.size === 0) topics.delete(topic);
        ringLatch(latch);
      }
      return {
        async rung() {
          if (!latch.isRung && !signal.aborted) {
            await new Promise<void>((resolve) => {
              const others = latch.wake;
              latch.wake = () => {
                others?.();
                resolve();
              };
            });
          }
          latch.isRung = false;
        },
      };
    },
  };
}

function ringLatch(latch: Latch): void {
  latch.isRung = true;
  latch.wake?.();
  latch.wake = null;
}
