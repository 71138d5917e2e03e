import { AppError, StoreFull } from '@/lib/model/errors';
import type { Store } from '@/lib/store/store';

export interface FaultySwitch {
  /**
   * `down`: rejects. `lossy`: does its work, and its answer is lost. `dead`: never answers, as after a crash. `full`:
   * refuses events, lines and artifacts for want of space.
   */
  mode: 'fine' | 'down' | 'lossy' | 'dead' | 'full';
  /** Calls that got no answer. */
  faults: number;
  /** What was refused for want of space. */
  refused: Set<'events' | 'logs' | 'artifacts'>;
}

/** A control plane's own view of the store, whose connection can break. */
export function makeFaulty(store: Store): { store: Store; fault: FaultySwitch } {
  const fault: FaultySwitch = { mode: 'fine', faults: 0, refused: new Set() };

  async function call<T>(work: () => Promise<T>): Promise<T> {
    if (fault.mode === 'fine' || fault.mode === 'full') return work();
    fault.faults += 1;
    if (fault.mode === 'dead') return new Promise<T>(() => undefined);
    if (fault.mode === 'lossy') await work();
    throw new AppError('store_unavailable', 'the database cannot be reached');
  }

  async function write<T>(what: 'events' | 'logs' | 'artifacts', work: () => Promise<T>): Promise<T> {
    if (fault.mode !== 'full') return call(work);
    fault.faults += 1;
    fault.refused.add(what);
    throw new StoreFull('the database has no space');
  }

  return {
    fault,
    store: {
      ...store,
      executions: {
        ...store.executions,
        get: (...given) => call(() => store.executions.get(...given)),
        plan: (...given) => call(() => store.executions.plan(...given)),
        summary: (...given) => call(() => store.executions.summary(...given)),
        claim: (...given) => call(() => store.executions.claim(...given)),
        renew: (...given) => call(() => store.executions.renew(...given)),
        release: (...given) => call(() => store.executions.release(...given)),
        saveStepSpec: (...given) => call(() => store.executions.saveStepSpec(...given)),
      },
      events: {
        ...store.events,
        append: (...given) => write('events', () => store.events.append(...given)),
        read: (...given) => call(() => store.events.read(...given)),
      },
      logs: {
        ...store.logs,
        append: (...given) => write('logs', () => store.logs.append(...given)),
        position: (...given) => call(() => store.logs.position(...given)),
        lastSeq: (...given) => call(() => store.logs.lastSeq(...given)),
        read: (...given) => call(() => store.logs.read(...given)),
        readChunks: (...given) => call(() => store.logs.readChunks(...given)),
      },
      artifacts: {
        ...store.artifacts,
        put: (...given) => write('artifacts', () => store.artifacts.put(...given)),
        putMany: (...given) => write('artifacts', () => store.artifacts.putMany(...given)),
        saveReport: (...given) => call(() => store.artifacts.saveReport(...given)),
      },
    },
  };
}
