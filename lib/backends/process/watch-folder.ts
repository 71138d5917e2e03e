import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../../clock';
import type { Logger } from '../../model/logger';

export interface FolderWatch {
  /** Resolves when something in the folder has changed since the last call, or after a while in any case. */
  next(): Promise<void>;
  wake(): void;
  /** Hears nothing until the next `next`, which then resolves at once: for a time when it would ring all the time. */
  pause(): void;
  close(): void;
}

/** With a watch on the folder a second look is only for a process that died without a word. */
const watchedPauseMs = 1_000;
/** Where the system has no watch left. */
const unwatchedPauseMs = 40;

/** Latched: a change between two calls is not lost. */
export function watchFolder(
  { clock, logger }: { clock: Clock; logger: Logger },
  folder: string,
): FolderWatch {
  let hasChanged = false;
  let wake: (() => void) | null = null;
  let watcher: FSWatcher | null = null;
  let canWatch = true;

  function wakeUp(): void {
    hasChanged = true;
    wake?.();
  }

  function giveUp(error: unknown): void {
    logger.warn({ folder, error }, 'the folder cannot be watched: it is looked at every 40 ms instead');
    canWatch = false;
    pause();
  }

  function listen(): void {
    if (watcher || !canWatch) return;
    try {
      watcher = watch(folder, { persistent: false }, wakeUp).on('error', giveUp);
    } catch (error) {
      giveUp(error);
    }
    wakeUp();
  }

  function pause(): void {
    watcher?.close();
    watcher = null;
  }

  return {
    wake: wakeUp,
    pause,
    close: pause,
    async next() {
      listen();
      if (!hasChanged) {
        const waiting = new AbortController();
        wake = () => waiting.abort();
        await clock.sleep(canWatch ? watchedPauseMs : unwatchedPauseMs, waiting.signal);
        wake = null;
      }
      hasChanged = false;
    },
  };
}
