import type { LogFilter, LogStore } from '../store/store';

export interface SearchPages extends Pick<LogStore, 'read'> {
  /** Rejects with `pattern_invalid` when that of the filter is none. */
  checkPattern(): Promise<void>;
}

/**
 * Reads as the store does; each page of a search for a text or a pattern waits for its caller's turn. The signal ends all
 * of its reads.
 */
export function searchInTurn(
  logs: Pick<LogStore, 'read' | 'checkPattern'>,
  { q, pattern }: LogFilter,
  enter: () => Promise<() => void>,
  signal: AbortSignal,
): SearchPages {
  const isSearch = q !== undefined || pattern !== undefined;
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const leave = isSearch ? await enter() : () => {};
    try {
      return await work();
    } finally {
      leave();
    }
  };
  return {
    read: (id, afterSeq, limit, filter) => inTurn(() => logs.read(id, afterSeq, limit, filter, signal)),
    async checkPattern() {
      if (pattern !== undefined) await inTurn(() => logs.checkPattern(pattern, signal));
    },
  };
}

/** Reads as `logs` does, each page when `enter` resolves: for readers who take a whole log. */
export function readInTurn(
  logs: Pick<LogStore, 'read'>,
  enter: () => Promise<() => void>,
): Pick<LogStore, 'read'> {
  return {
    async read(...page) {
      const leave = await enter();
      try {
        return await logs.read(...page);
      } finally {
        leave();
      }
    },
  };
}
