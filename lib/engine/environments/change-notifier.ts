export interface ChangeNotifier {
  notify(): void;
  /** Latched: a ring between two calls of `next` is not lost. `next` resolves at once when the signal ends. */
  subscribe(signal: AbortSignal): { next(): Promise<void> };
}

/** A notifier within this process, for one listener at a time. */
export function createChangeNotifier(): ChangeNotifier {
  let isRung = false;
  let wake: (() => void) | null = null;

  function notify(): void {
    isRung = true;
    wake?.();
  }

  return {
    notify,
    subscribe(signal) {
      signal.addEventListener('abort', notify, { once: true });
      return {
        async next() {
          if (!isRung && !signal.aborted) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          wake = null;
          isRung = false;
        },
      };
    },
  };
}
