import type { Clock } from '../clock';
import { startWorkThread, type WorkThread, type WorkThreadOptions } from '../threads/work-thread';
import type { ReadRequests } from './read-worker';

/** Reads folders in a thread of its own, so that a large suite or a bomb never holds up this one. */
export type ReadThread = WorkThread<ReadRequests>;

export function startReadThread(deps: { clock: Clock }, options: WorkThreadOptions = {}): ReadThread {
  return startWorkThread<ReadRequests>(
    deps,
    { module: 'lib/suites/read-worker.ts', doing: 'reading' },
    options,
  );
}
