import type { TransactionSql } from 'postgres';
import type { DeclaredSchedule, DeclaringSuite, ScheduleStore } from '../schedule-store';
import type { Database } from './database';
import { translateErrors } from './translate-errors';

/** A row is marked again only after this, so that an idle control plane writes little. */
const markEveryMs = 60_000;

/** The part of the store about schedules that the files of suites declare. */
export function createDeclaredSchedules({
  sql,
}: Database): Pick<ScheduleStore, 'declare' | 'markSeen' | 'withdrawUnseen'> {
  const declare: ScheduleStore['declare'] = (suite, schedules, at) =>
    translateErrors(() =>
      sql.begin(async (transaction) => {
        let written = 0;
        for (const each of schedules) if (await write(transaction, suite, each, at)) written += 1;
        const withdrawn = await transaction<{ id: string }[]>`
          update schedules set withdrawn_at = now(), next_at = null, due_at = null
          where suite_id = ${suite.suiteId} and declared_in is not null and withdrawn_at is null
            and not (id = any(${schedules.map(({ id }) => id)}::text[]))
          returning id`;
        await skipWaiting(
          transaction,
          withdrawn.map(({ id }) => id),
        );
        return { written, withdrawn: withdrawn.length };
      }),
    );

  return {
    declare,
    markSeen: (suiteIds, folders) =>
      translateErrors(async () => {
        await sql`
          update schedules set seen_at = now()
          where declared_in is not null and withdrawn_at is null
            and seen_at < now() - ${markEveryMs}::float8 * interval '1 millisecond'
            and (suite_id = any(${[...suiteIds]}::text[]) or folder = any(${[...folders]}::text[]))`;
      }),
    withdrawUnseen: (unseenMs, forgottenMs) =>
      translateErrors(() =>
        sql.begin(async (transaction) => {
          const withdrawn = await transaction<{ id: string }[]>`
            update schedules set withdrawn_at = now(), next_at = null, due_at = null
            where declared_in is not null and withdrawn_at is null
              and seen_at < now() - ${unseenMs}::float8 * interval '1 millisecond'
            returning id`;
          await skipWaiting(
            transaction,
            withdrawn.map(({ id }) => id),
          );
          await transaction`
            delete from schedules
            where withdrawn_at < now() - ${forgottenMs}::float8 * interval '1 millisecond'`;
          return withdrawn.length;
        }),
      ),
  };
}

/** True if this made it or changed it. Its next time stays where its times do. */
async function write(
  transaction: TransactionSql,
  { suiteId, folder, file }: DeclaringSuite,
  { next, ...schedule }: DeclaredSchedule,
  at: string,
): Promise<boolean> {
  const values = {
    id: schedule.id,
    name: schedule.name,
    suite_id: suiteId,
    profile: schedule.profile,
    backend: schedule.backend,
    cron: schedule.cron,
    time_zone: schedule.timeZone,
    enabled: true,
    jitter_seconds: schedule.jitterSeconds,
    when_running: schedule.whenRunning,
    when_missed: schedule.whenMissed,
    changed_at: at,
    changed_by: file,
    declared_in: file,
    folder,
    next_at: next?.nextAt ?? null,
    due_at: next?.dueAt ?? null,
  };
  const rows = await transaction`
    insert into schedules ${transaction(values)} on conflict (id) do update set
      profile = excluded.profile, backend = excluded.backend, cron = excluded.cron,
      time_zone = excluded.time_zone, jitter_seconds = excluded.jitter_seconds,
      when_running = excluded.when_running, when_missed = excluded.when_missed,
      changed_at = excluded.changed_at, changed_by = excluded.changed_by, folder = excluded.folder,
      next_at = case when ${keepsTimes(transaction)} then schedules.next_at else excluded.next_at end,
      due_at = case when ${keepsTimes(transaction)} then schedules.due_at else excluded.due_at end,
      withdrawn_at = null
    where schedules.withdrawn_at is not null or
      (schedules.profile, schedules.backend, schedules.cron, schedules.time_zone, schedules.jitter_seconds,
        schedules.when_running, schedules.when_missed, schedules.folder)
      is distinct from
      (excluded.profile, excluded.backend, excluded.cron, excluded.time_zone, excluded.jitter_seconds,
        excluded.when_running, excluded.when_missed, excluded.folder)
    returning id`;
  await transaction`update schedules set seen_at = now() where id = ${schedule.id}`;
  return rows.length > 0;
}

/** One that is off has no next time to change. */
function keepsTimes(transaction: TransactionSql) {
  return transaction`
    not schedules.enabled or (schedules.withdrawn_at is null
      and (schedules.cron, schedules.time_zone, schedules.jitter_seconds)
        = (excluded.cron, excluded.time_zone, excluded.jitter_seconds))`;
}

async function skipWaiting(transaction: TransactionSql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction`
    update schedule_firings set status = 'skipped', reason = 'The suite declares the schedule no more.'
    where schedule_id = any(${[...ids]}::text[]) and status = 'waiting'`;
}
