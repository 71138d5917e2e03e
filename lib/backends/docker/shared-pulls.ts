export interface SharedPulls {
  /**
   * Runs `pull` unless one for the same key is under way, which is then waited for. The pull ends early when nobody waits
   * for it any more. If it fails, it fails for all callers; one that joined starts over once where the failure may be the
   * first caller's alone. Resolves with whether the image was pulled, as `pull` does.
   */
  run(key: string, pull: Pull, waiter: Waiter): Promise<boolean>;
}

export type Pull = (signal: AbortSignal, onProgress: (detail: string) => void) => Promise<boolean>;

export interface Waiter {
  signal: AbortSignal;
  onProgress(detail: string): void;
}

interface RunningPull {
  result: Promise<boolean>;
  waiters: Set<Waiter>;
  /** For those who join it. */
  lastDetail: string | null;
  abort(reason: unknown): void;
}

/**
 * Keeps an engine from pulling the same image twice at a time, across executions. `mayPassForOthers` tells whether a pull
 * that failed with this error may succeed for another caller, as with another login.
 */
export function createSharedPulls({
  mayPassForOthers,
}: {
  mayPassForOthers(error: unknown): boolean;
}): SharedPulls {
  const running = new Map<string, RunningPull>();

  function start(key: string, pull: Pull): RunningPull {
    const over = new AbortController();
    const waiters = new Set<Waiter>();
    const started: RunningPull = {
      waiters,
      lastDetail: null,
      abort: (reason) => over.abort(reason),
      result: pull(over.signal, (detail) => {
        started.lastDetail = detail;
        for (const waiter of waiters) waiter.onProgress(detail);
      }).finally(() => {
        if (running.get(key) === started) running.delete(key);
      }),
    };
    // Whoever waits gets the error from `wait`; without this one that nobody waits for would be unhandled.
    started.result.catch(() => undefined);
    running.set(key, started);
    return started;
  }

  async function wait(key: string, pull: RunningPull, waiter: Waiter): Promise<boolean> {
    const { signal } = waiter;
    pull.waiters.add(waiter);
    if (pull.lastDetail !== null) waiter.onProgress(pull.lastDetail);
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
    });
    try {
      return await Promise.race([pull.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      pull.waiters.delete(waiter);
      if (pull.waiters.size === 0) {
        // The next one who wants the image does not join what is being ended.
        if (running.get(key) === pull) running.delete(key);
        pull.abort(signal.reason);
      }
    }
  }

  return {
    async run(key, pull, waiter) {
      const joined = running.get(key);
      if (!joined) return wait(key, start(key, pull), waiter);
      try {
        return await wait(key, joined, waiter);
      } catch (error) {
        if (waiter.signal.aborted || !mayPassForOthers(error)) throw error;
        return wait(key, running.get(key) ?? start(key, pull), waiter);
      }
    },
  };
}
