import type { ResourceLedger } from '../../backends/backend';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { ResourceChange } from '../../store/environment-store';
import type { Store } from '../../store/store';
import { retryStore } from '../retry-store';

interface LedgerDependencies {
  clock: Clock;
  logger: Logger;
  store: Pick<Store, 'environments'>;
}

/** Keeps the rows of what backends make, one ledger a backend. `stopping` ends every wait for the store. */
export function createLedgers(
  deps: LedgerDependencies,
  stopping: AbortSignal,
): (backendId: string) => ResourceLedger {
  const { environments } = deps.store;
  let noted: ResourceChange[] = [];
  let writing: Promise<void> | null = null;

  /** Entries that arrive during a write are written together with the next one. */
  async function write(): Promise<void> {
    while (noted.length > 0) {
      const changes = noted;
      noted = [];
      try {
        await retryStore(deps, { changes: changes.length }, stopping, () => environments.note(changes));
      } catch (error) {
        // The removal at the end of the execution finds out by itself what was made.
        deps.logger.warn({ error: messageOf(error) }, 'what backends made could not be noted');
      }
    }
    writing = null;
  }

  /** Resolves once it is written, or cannot be. */
  function note(change: ResourceChange): Promise<void> {
    noted.push(change);
    writing ??= write();
    return writing;
  }

  return (backendId) => ({
    intend: (executionId, intents, signal) =>
      retryStore(
        deps,
        { execution: executionId, intents: intents.length },
        signal ? AbortSignal.any([stopping, signal]) : stopping,
        () => environments.intend(backendId, executionId, intents),
      ),
    made: (executionId, kind, name) => void note({ executionId, kind, name, what: 'made' }),
    removed: (executionId, kind, name) => note({ executionId, kind, name, what: 'removed' }),
  });
}
