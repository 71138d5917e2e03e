import type { Clock } from '../../clock';
import { AppError, type ErrorCode, messageOf } from '../../model/errors';
import type { LaunchRequest } from '../../model/launch';
import type { Logger } from '../../model/logger';
import type { ScheduleFiring } from '../../model/schedule';
import type { ScheduleMaker, StoredSchedule } from '../../store/schedule-store';
import type { Store } from '../../store/store';
import type { Engine } from '../engine';
import { timesOf } from './next-times';

export interface ScheduleRunner {
  clock: Clock;
  logger: Logger;
  store: Pick<Store, 'schedules'>;
  engine: Pick<Engine, 'launch' | 'cancel'>;
  /** Why the maker of a schedule may not launch the suite now; null if they may. */
  refuseLaunch(maker: ScheduleMaker, suiteId: string): Promise<string | null>;
}

const roundMs = 1_000;
const atOnce = 50;
/** A time that is past for longer counts as missed. */
const missedAfterMs = 5 * 60_000;
/** How long what may come right by itself is tried. */
const retriedForMs = 10 * 60_000;
const retryMs = 15_000;
const queueRetryMs = 2_000;
/** At least; up to twice as long, so that it is not always the same control plane that claims the firing again. */
const otherRetryMs = 2_000;
/** Longer than a launch takes. A second one of the same firing is the same execution, by its idempotency key. */
const leaseMs = 120_000;

const passing = new Set<ErrorCode>([
  'backend_unavailable',
  'dependency_unavailable',
  'secret_unavailable',
  'store_unavailable',
  'overloaded',
]);

/** Which schedules a control plane launches, and since when it runs. */
export interface FiringRounds {
  /** Also the schedules that the files of suites declare. */
  declared: boolean;
  startedAt: Date;
}

/**
 * Launches what is due, once a second, until `stopping`. Any number of control planes may do so on one database: a
 * planned time becomes a row before anything is launched, and the row's launch has a key of its own.
 */
export async function runSchedules(
  deps: ScheduleRunner,
  declared: boolean,
  stopping: AbortSignal,
): Promise<void> {
  const rounds = { declared, startedAt: deps.clock.now() };
  while (!stopping.aborted) {
    try {
      await fireSchedules(deps, rounds);
    } catch (error) {
      deps.logger.warn({ error: messageOf(error) }, 'the schedules could not be read and are tried again');
    }
    await deps.clock.sleep(roundMs, stopping);
  }
}

/** One round. */
export async function fireSchedules(deps: ScheduleRunner, rounds: FiringRounds): Promise<void> {
  const { clock, store } = deps;
  const { declared } = rounds;
  for (const schedule of await store.schedules.due(clock.now().toISOString(), atOnce, declared)) {
    await planFiring(deps, schedule);
  }
  for (const { schedule, firing } of await store.schedules.claimWaiting(leaseMs, atOnce, declared)) {
    await fire(deps, rounds, schedule, firing);
  }
}

/** Of all times that have passed the newest one fires, so that no burst follows a pause. */
async function planFiring({ clock, store, logger }: ScheduleRunner, schedule: StoredSchedule): Promise<void> {
  const { id, nextAt: from } = schedule;
  if (from === null) return;
  const times = timesOf(schedule);
  const now = clock.now();
  const lastDue = times.lastDue(now) ?? new Date(from);
  const planned = lastDue.getTime() > Date.parse(from) ? lastDue : new Date(from);
  const isMissed = now.getTime() - times.jitterMs - planned.getTime() > missedAfterMs;
  const hasSuite = schedule.declaredIn === null ? '' : 'with the suite ';
  const isSkipped = isMissed && schedule.whenMissed === 'skip';
  const firing = {
    plannedAt: planned.toISOString(),
    status: isSkipped ? ('skipped' as const) : ('waiting' as const),
    reason: isSkipped ? `Missed: no control plane ${hasSuite}was running at that time.` : null,
  };
  const isOurs = await store.schedules.plan(id, from, firing, times.next(planned));
  if (isOurs && isSkipped)
    logger.info({ schedule: id, plannedAt: firing.plannedAt }, 'a schedule was missed');
}

async function fire(
  deps: ScheduleRunner,
  { startedAt }: FiringRounds,
  schedule: StoredSchedule,
  firing: ScheduleFiring,
): Promise<void> {
  const { store, engine, clock, logger } = deps;
  const { schedules } = store;
  const { id, name, maker, suiteId, changedBy } = schedule;
  const { plannedAt } = firing;
  const author = `schedule ${name}`;
  try {
    const refusal = maker && (await deps.refuseLaunch(maker, suiteId));
    if (refusal !== null) {
      const reason = `${changedBy}, who saved the schedule last, ${refusal} Whoever may launch the suite can save it again.`;
      logger.warn({ schedule: id, plannedAt, reason }, 'a schedule has no right to launch its suite');
      return await schedules.settle(id, plannedAt, { status: 'failed', executionId: null, reason });
    }
    const unfinished = await schedules.unfinished(id);
    const [running] = unfinished;
    if (running !== undefined && schedule.whenRunning === 'skip') {
      const reason = `Execution ${running} of the schedule had not ended.`;
      return await schedules.settle(id, plannedAt, { status: 'skipped', executionId: null, reason });
    }
    if (running !== undefined && schedule.whenRunning === 'queue') {
      return await schedules.postpone(id, plannedAt, `Waits for the end of ${running}.`, queueRetryMs);
    }
    for (const each of unfinished) await cancelIfRunning(engine, each, author);
    const { summary } = await engine.launch(requestOf(schedule), author, `schedule ${id} ${plannedAt}`);
    await schedules.settle(id, plannedAt, { status: 'launched', executionId: summary.id, reason: null });
    logger.info({ schedule: id, execution: summary.id }, 'a schedule launched an execution');
  } catch (error) {
    const reason = messageOf(error);
    logger.warn({ schedule: id, plannedAt, error: reason }, 'a schedule could not launch its suite');
    const code = error instanceof AppError ? error.code : null;
    // Another control plane has the suite, or its files come later than this one has started.
    const isElsewhere = code === 'suite_not_found' && schedule.declaredIn !== null;
    const isPassing = isElsewhere || (code !== null && passing.has(code));
    const sinceMs = Math.max(Date.parse(plannedAt) + schedule.jitterSeconds * 1000, startedAt.getTime());
    const delayMs = isElsewhere ? otherRetryMs * (1 + Math.random()) : retryMs;
    if (isPassing && clock.now().getTime() - sinceMs < retriedForMs)
      return await schedules.postpone(id, plannedAt, reason, delayMs);
    await schedules.settle(id, plannedAt, { status: 'failed', executionId: null, reason });
  }
}

/** It may have ended meanwhile. */
async function cancelIfRunning(engine: Pick<Engine, 'cancel'>, id: string, by: string): Promise<void> {
  try {
    await engine.cancel(id, by);
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'conflict')) throw error;
  }
}

function requestOf({ name, suiteId, profile, backend }: StoredSchedule): LaunchRequest {
  return {
    suiteId,
    ...(profile === null ? {} : { profile }),
    ...(backend === null ? {} : { backend }),
    labels: { schedule: name },
  };
}
