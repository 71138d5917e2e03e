import type { Clock } from '../clock';
import type { Environment, Inventory } from '../model/environment';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Store } from '../store/store';
import { isPast } from './environments/classify-environment';
import type { Environments } from './environments/environments';

const pauseMs = 60_000;

/**
 * Removes environments that nobody needs: left by a crash between the end of an execution and its removal, or by a
 * backend that could not be asked at the time. Unknown ones (of a database that was lost) go once their deadline has
 * passed; one whose owner is silent is adopted, not swept. Then brings the rows and what is there together.
 */
export async function sweep(
  {
    clock,
    logger,
    store,
    environments,
  }: {
    clock: Clock;
    logger: Logger;
    store: Pick<Store, 'environments'>;
    environments: Pick<Environments, 'take' | 'reap'>;
  },
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      const { environments: found, backends } = await environments.take();
      const reachable = new Set(backends.filter((each) => each.isReachable).map(({ id }) => id));
      for (const each of found) {
        if (stopping.aborted || !reachable.has(each.backend.id)) continue;
        if (!mayBeSwept(each, clock.now().getTime())) continue;
        await environments.reap(each.id, { by: 'gantry', force: false });
      }
      if (!stopping.aborted) await reconcile({ logger, store }, await environments.take());
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'left environments could not be looked for');
    }
    await clock.sleep(pauseMs, stopping);
  }
}

async function reconcile(
  { logger, store }: { logger: Logger; store: Pick<Store, 'environments'> },
  { backends, environments }: Inventory,
): Promise<void> {
  for (const backend of backends) {
    // What cannot be asked says nothing about what is there.
    if (!backend.isReachable) continue;
    const here = environments.filter((each) => each.backend.id === backend.id);
    const present = here.flatMap(({ id, resources }) =>
      resources.map(({ kind, name, stepId }) => ({ executionId: id, kind, name, stepId })),
    );
    const unseen = here.filter(({ isSeen }) => !isSeen).map(({ id }) => id);
    const counts = await store.environments.reconcile(backend.id, present, unseen);
    if (counts.adopted + counts.closed > 0)
      logger.info({ backend: backend.id, ...counts }, 'rows and resources were brought together');
  }
}

function mayBeSwept({ zombieCause, deadline }: Environment, nowMs: number): boolean {
  if (zombieCause === 'finished' || zombieCause === 'deadline') return true;
  return zombieCause === 'unknown' && isPast(deadline, nowMs);
}
