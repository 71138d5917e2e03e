export interface BuildListener {
  /** A line of the build's output. */
  onLine(line: string): void;
  onProgress(detail: string): void;
}

/** The builds that are under way, by the names of their images. */
export interface SharedBuilds {
  isRunning(image: string): boolean;
  /**
   * Waits for the build of the image, which `run` begins when none is under way. An engine does it once for all who wait
   * for it, and it is given up when nobody does any more.
   */
  share(
    image: string,
    signal: AbortSignal,
    listener: BuildListener,
    run: (each: BuildListener, stop: AbortSignal) => Promise<void>,
  ): Promise<void>;
}

interface RunningBuild {
  listeners: Set<BuildListener>;
  abort: AbortController;
  done: Promise<void>;
}

export function createSharedBuilds(): SharedBuilds {
  const running = new Map<string, RunningBuild>();

  /** Not a later build of the same image. */
  function forget(image: string, listeners: RunningBuild['listeners']): void {
    if (running.get(image)?.listeners === listeners) running.delete(image);
  }

  return {
    isRunning: (image) => running.has(image),
    async share(image, signal, listener, run) {
      let build = running.get(image);
      if (!build) {
        const abort = new AbortController();
        const listeners = new Set([listener]);
        const all: BuildListener = {
          onLine(line) {
            for (const each of listeners) each.onLine(line);
          },
          onProgress(detail) {
            for (const each of listeners) each.onProgress(detail);
          },
        };
        const done = run(all, abort.signal).finally(() => forget(image, listeners));
        // Whoever waits for it hears of a failure; all may have left.
        done.catch(() => undefined);
        build = { listeners, abort, done };
        running.set(image, build);
      }
      const { listeners, abort, done } = build;
      listeners.add(listener);
      const stopped = new AbortController();
      try {
        const left = new Promise<never>((_, reject) => {
          signal.throwIfAborted();
          signal.addEventListener('abort', () => reject(signal.reason), { signal: stopped.signal });
        });
        await Promise.race([done, left]);
      } finally {
        stopped.abort();
        listeners.delete(listener);
        if (listeners.size === 0) {
          abort.abort();
          forget(image, listeners);
        }
      }
    },
  };
}
