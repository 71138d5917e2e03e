import type { Clock } from '../../clock';
import { startWorkerClient, type WorkerClient, type WorkerClientOptions } from '../../threads/worker-client';
import type { ReadRequests } from './read-worker';

/** Reads folders in a thread of its own, so that a large suite or a bomb never holds up this one. */
export type ReadThread = WorkerClient<ReadRequests>;

export function startReadThread(deps: { clock: Clock }, options: WorkerClientOptions = {}): ReadThread {
  return startWorkerClient<ReadRequests>(
    deps,
    { module: 'lib/suites/catalog/read-worker.ts', doing: 'reading' },
    options,
  );
}
