import type { ResourceIntent, ResourceLedger } from '@/lib/backends/backend';

export interface RecordingLedger extends ResourceLedger {
  /** Intents are asked for, but not durable, until `release`. */
  hold(): void;
  release(): void;
  /** Everything that was ever intended for the execution. */
  intents(executionId: string): ResourceIntent[];
  /** Resolves once one that passes was asked for. */
  asked(executionId: string, which: (intent: ResourceIntent) => boolean): Promise<void>;
}

/** A ledger without a store that a test can hold back. */
export function createRecordingLedger(): RecordingLedger {
  const intents = new Map<string, ResourceIntent[]>();
  let watchers: (() => void)[] = [];
  let gate = Promise.resolve();
  let open = () => {};

  const ledger: RecordingLedger = {
    async intend(executionId, asked) {
      intents.set(executionId, [...ledger.intents(executionId), ...asked]);
      for (const watcher of [...watchers]) watcher();
      await gate;
    },
    made: () => {},
    removed: async () => {},
    hold() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => open(),
    intents: (executionId) => intents.get(executionId) ?? [],
    asked: (executionId, which) =>
      new Promise((resolve) => {
        const look = () => {
          if (!ledger.intents(executionId).some(which)) return;
          watchers = watchers.filter((each) => each !== look);
          resolve();
        };
        watchers.push(look);
        look();
      }),
  };
  return ledger;
}
