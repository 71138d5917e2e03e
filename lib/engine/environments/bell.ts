export interface Bell {
  ring(): void;
  /** Latched: a ring between two calls of `rung` is not lost. `rung` resolves at once when the signal ends. */
  listen(signal: AbortSignal): { rung(): Promise<void> };
}

/** A doorbell within this process, for one listener at a time. */
export function createBell(): Bell {
  let isRung = false;
  let wake: (() => void) | null = null;

  function ring(): void {
    isRung = true;
    wake?.();
  }

  return {
    ring,
    listen(signal) {
      signal.addEventListener('abort', ring, { once: true });
      return {
        async rung() {
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
