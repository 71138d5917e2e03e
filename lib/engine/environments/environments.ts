import type { BackendRegistry } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { EnvironmentRecord } from '../../model/environment';
import { AppError } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { Secrets } from '../../secrets/secrets';
import type { Store } from '../../store/store';
import { createConsole, type EnvironmentConsole } from './console';
import { createInventorySource, type InventorySource } from './live-inventory';
import { createReaper, type Reaper } from './reaper';

/** The inventory of environments on all backends, and their removal. */
export interface Environments extends InventorySource, Reaper, EnvironmentConsole {
  /** Returns an execution's environment and the rows of every resource it ever created. Rejects with `not_found`. */
  inspect(id: string): Promise<EnvironmentRecord>;
  /** Keeps a kept environment for so long from now on. Rejects with `not_found`, or `conflict` when it is not kept. */
  extend(id: string, forMs: number): Promise<{ keptUntil: string }>;
}

export function createEnvironments(
  deps: {
    clock: Clock;
    store: Store;
    backends: BackendRegistry;
    secrets: Secrets;
    logger: Logger;
    stopping: AbortSignal;
  },
  cancel: (id: string, by: string) => Promise<unknown>,
): Environments {
  const inventory = createInventorySource(deps, (id) => reaper.isReaping(id));
  const reaper: Reaper = createReaper({
    ...deps,
    take: inventory.take,
    cancel,
    onChange: inventory.touch,
  });
  return {
    ...inventory,
    ...reaper,
    ...createConsole(deps, inventory.take),
    async extend(id, forMs) {
      const environment = (await inventory.take()).environments.find((each) => each.id === id);
      if (!environment && (await deps.store.environments.facts([id])).length === 0)
        throw new AppError('not_found', `There is no environment ${id}, and no execution of that name.`);
      if (environment?.state !== 'kept') {
        throw new AppError(
          'conflict',
          `The environment ${id} is not kept${environment ? `: ${environment.reason}` : '.'}`,
        );
      }
      const keptUntil = new Date(deps.clock.now().getTime() + forMs).toISOString();
      const backend = await deps.backends.get(environment.backend.id);
      await backend?.renewEnvironment?.(id, keptUntil);
      await deps.store.environments.keep(id, keptUntil);
      inventory.touch();
      return { keptUntil };
    },
    async inspect(id) {
      const [{ environments }, rows, facts] = await Promise.all([
        inventory.take(),
        deps.store.environments.rows(id),
        deps.store.environments.facts([id]),
      ]);
      const environment = environments.find((each) => each.id === id) ?? null;
      if (!environment && rows.length === 0 && facts.length === 0) {
        throw new AppError('not_found', `There is no environment ${id}, and no execution of that name.`);
      }
      return { id, environment, rows };
    },
  };
}
