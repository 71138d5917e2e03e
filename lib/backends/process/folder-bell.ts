import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../../clock';
import type { Logger } from '../../model/logger';

export interface FolderBell {
  /** Resolves when something in the folder has changed since the last call, or after a while in any case. */
  rung(): Promise<void>;
  ring(): void;
  /** Hears nothing until the next `rung`, which then resolves at once: for a time when it would ring all the time. */
  mute(): void;
  close(): void;
}

/** With a watch on the folder a second look is only for a process that died without a word. */
const watchedPauseMs = 1_000;
/** Where the system has no watch left. */
const unwatchedPauseMs = 40;

/** Latched: a change between two calls is not lost. */
export function hangFolderBell(
  { clock, logger }: { clock: Clock; logger: Logger },
  folder: string,
): FolderBell {
  let isRung = false;
  let wake: (() => void) | null = null;
  let watcher: FSWatcher | null = null;
  let canWatch = true;

  function ring(): void {
    isRung = true;
    wake?.();
  }

  function giveUp(error: unknown): void {
    logger.warn({ folder, error }, 'the folder cannot be watched: it is looked at every 40 ms instead');
    canWatch = false;
    mute();
  }

  function listen(): void {
    if (watcher || !canWatch) return;
    try {
      watcher = watch(folder, { persistent: false }, ring).on('error', giveUp);
    } catch (error) {
      giveUp(error);
    }
    ring();
  }

  function mute(): void {
    watcher?.close();
    watcher = null;
  }

  return {
    ring,
    mute,
    close: mute,
    async rung() {
      listen();
      if (!isRung) {
        const waiting = new AbortController();
        wake = () => waiting.abort();
        await clock.sleep(canWatch ? watchedPauseMs : unwatchedPauseMs, waiting.signal);
        wake = null;
      }
      isRung = false;
    },
  };
}
