import type { Clock } from '../clock';
import type { Environment } from '../model/environment';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Environments } from './environments/environments';
import { isPast } from './environments/judge';

const pauseMs = 60_000;

/**
 * Removes environments that nobody needs: left by a crash between the end of an execution and its removal, or by a
 * backend that could not be asked at the time. Unknown ones (of a database that was lost) go once their deadline has
 * passed; one whose owner is silent is adopted, not swept.
 */
export async function sweep(
  {
    clock,
    logger,
    environments,
  }: { clock: Clock; logger: Logger; environments: Pick<Environments, 'take' | 'reap'> },
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
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'left environments could not be looked for');
    }
    await clock.sleep(pauseMs, stopping);
  }
}

function mayBeSwept({ zombieCause, deadline }: Environment, nowMs: number): boolean {
  if (zombieCause === 'finished' || zombieCause === 'deadline') return true;
  return zombieCause === 'unknown' && isPast(deadline, nowMs);
}
