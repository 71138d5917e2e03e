import type { BackendRegistry } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { Logger } from '../../model/logger';
import type { Store } from '../../store/store';
import { createInventorySource, type InventorySource } from './live-inventory';
import { createReaper, type Reaper } from './reaper';

/** What executions own on the backends: what is there, and its removal. */
export interface Environments extends InventorySource, Reaper {}

export function createEnvironments(
  deps: { clock: Clock; store: Store; backends: BackendRegistry; logger: Logger; stopping: AbortSignal },
  cancel: (id: string, by: string) => Promise<unknown>,
): Environments {
  const inventory = createInventorySource(deps, (id) => reaper.isReaping(id));
  const reaper: Reaper = createReaper({
    ...deps,
    take: inventory.take,
    cancel,
    onChange: inventory.touch,
  });
  return { ...inventory, ...reaper };
}
