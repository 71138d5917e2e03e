import { isDeepStrictEqual } from 'node:util';
import { customAlphabet } from 'nanoid';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { ScheduleFiring, ScheduleRequest, ScheduleSummary } from '../../model/schedule';
import type { ScheduleMaker, StoredSchedule } from '../../store/schedule-store';
import type { Store } from '../../store/store';
import type { SuiteCatalog } from '../../suites/catalog/catalog';
import { timesOf } from './next-times';

const shownTimes = 5;
const newScheduleId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 12);

interface ScheduleDependencies {
  clock: Clock;
  store: Pick<Store, 'schedules'>;
  catalog: Pick<SuiteCatalog, 'get'>;
}

/** Who saves a schedule, and by whose right it launches from then on. */
export interface ScheduleAuthor {
  name: string;
  maker: ScheduleMaker | null;
}

/** The schedules as they come and go over the API. What they launch is `runSchedules`' work. */
export interface Schedules {
  list(): Promise<ScheduleSummary[]>;
  /** Rejects with `not_found`. */
  get(id: string): Promise<ScheduleSummary>;
  /**
   * Makes one, or changes the one with this id. Rejects with `bad_request`, `suite_not_found`, `not_found`, or `conflict`
   * where a file declares it and more is to be changed than whether it is on.
   */
  save(id: string | null, request: ScheduleRequest, by: ScheduleAuthor): Promise<ScheduleSummary>;
  /** Rejects with `not_found`, or `conflict` where a file declares it. */
  remove(id: string): Promise<void>;
  /** The newest first. Rejects with `not_found`. */
  firings(id: string, limit: number): Promise<ScheduleFiring[]>;
  /** When a schedule with this pattern would launch next. Rejects with `bad_request`. */
  nextTimes(cron: string, timeZone: string): string[];
}

export function createSchedules({ clock, store, catalog }: ScheduleDependencies): Schedules {
  const { schedules } = store;

  function summaryOf(
    { nextAt, dueAt: _, maker: __, ...schedule }: StoredSchedule,
    lastFiring: ScheduleFiring | null,
  ): ScheduleSummary {
    // From the planned time that has not fired yet, which is past when no control plane was there.
    const from = nextAt === null ? null : new Date(Math.max(clock.now().getTime(), Date.parse(nextAt) - 1));
    const nextTimes = from === null ? [] : timesOf(schedule).nextTimes(from, shownTimes);
    return { ...schedule, nextTimes, lastFiring };
  }

  async function get(id: string): Promise<ScheduleSummary> {
    const schedule = await schedules.get(id);
    if (!schedule) throw missing(id);
    const [lastFiring = null] = await schedules.firings(id, 1);
    return summaryOf(schedule, lastFiring);
  }

  async function setEnabled(
    known: StoredSchedule,
    request: ScheduleRequest,
    by: string,
  ): Promise<ScheduleSummary> {
    const { id, enabled } = known;
    if (!isDeepStrictEqual(requestOf({ ...known, enabled: request.enabled }), requestOf(request)))
      throw declaredInFile(known);
    if (enabled === request.enabled) return get(id);
    const now = clock.now();
    const next = request.enabled ? timesOf(known).next(now) : null;
    const isChanged = await schedules.setEnabled(id, known.changedAt, {
      enabled: request.enabled,
      nextAt: next?.nextAt ?? null,
      dueAt: next?.dueAt ?? null,
      changedAt: now.toISOString(),
      changedBy: by,
    });
    if (!isChanged)
      throw new AppError('conflict', `The schedule ${id} was changed at the same time. Try again.`);
    return get(id);
  }

  return {
    async list() {
      const [all, last] = await Promise.all([schedules.list(), schedules.lastFirings()]);
      return all.map((schedule) => summaryOf(schedule, last.get(schedule.id) ?? null));
    },
    get,
    async save(id, request, by) {
      const known = id === null ? null : await schedules.get(id);
      if (known && known.declaredIn !== null) return setEnabled(known, request, by.name);
      if (!(await catalog.get(request.suiteId))) {
        throw new AppError(
          'suite_not_found',
          `There is no suite \`${request.suiteId}\` below the suite roots.`,
        );
      }
      const schedule = {
        ...request,
        id: id ?? newScheduleId(),
        profile: request.profile ?? null,
        backend: request.backend ?? null,
        changedAt: clock.now().toISOString(),
        changedBy: by.name,
        maker: by.maker,
        declaredIn: null,
      };
      const next = timesOf(schedule).next(clock.now());
      const stored = {
        ...schedule,
        nextAt: request.enabled ? (next?.nextAt ?? null) : null,
        dueAt: request.enabled ? (next?.dueAt ?? null) : null,
      };
      if (!(await schedules.save(stored, id === null ? 'new' : 'old'))) throw missing(stored.id);
      return get(stored.id);
    },
    async remove(id) {
      const known = await schedules.get(id);
      if (known && known.declaredIn !== null) throw declaredInFile(known);
      if (!(await schedules.remove(id))) throw missing(id);
    },
    async firings(id, limit) {
      if (!(await schedules.get(id))) throw missing(id);
      return schedules.firings(id, limit);
    },
    nextTimes: (cron, timeZone) =>
      timesOf({ id: '', cron, timeZone, jitterSeconds: 0 }).nextTimes(clock.now(), shownTimes),
  };
}

function requestOf(schedule: ScheduleRequest): ScheduleRequest {
  const { name, suiteId, cron, timeZone, enabled, jitterSeconds, whenRunning, whenMissed } = schedule;
  const profile = schedule.profile ?? null;
  const backend = schedule.backend ?? null;
  return {
    name,
    suiteId,
    profile,
    backend,
    cron,
    timeZone,
    enabled,
    jitterSeconds,
    whenRunning,
    whenMissed,
  };
}

function declaredInFile({ name, suiteId, declaredIn }: StoredSchedule): AppError {
  return new AppError(
    'conflict',
    `The schedule ${name} comes from the ${declaredIn} of the suite ${suiteId}: change or remove it there. Here it can only be turned on and off.`,
  );
}

function missing(id: string): AppError {
  return new AppError('not_found', `There is no schedule ${id}.`);
}
