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
        await writeDeclaration(transaction, suite, schedules.length > 0);
        let written = 0;
        for (const each of schedules) if (await write(transaction, suite, each, at)) written += 1;
        const withdrawn = await transaction<{ id: string }[]>`
          update schedules set withdrawn_at = coalesce(withdrawn_at, now()), next_at = null, due_at = null
          where suite_id = ${suite.suiteId} and declared_in is not null
            and (withdrawn_at is null or next_at is not null)
            and not (id = any(${schedules.map(({ id }) => id)}::text[]))
          returning id`;
        await skipWaiting(
          transaction,
          withdrawn.map(({ id }) => id),
        );
        return { written, withdrawn: withdrawn.length };
      }),
    );

  const markSeen: ScheduleStore['markSeen'] = (found, folders, unseenMs) =>
    translateErrors(async () => {
      const given = sql`(
        select * from unnest(${found.map(({ suiteId }) => suiteId)}::text[],
          ${found.map(({ digest }) => digest)}::text[],
          ${found.map(({ declares }) => String(declares))}::text[]::boolean[]) as given (suite_id, digest, declares)) given`;
      await sql`
        update schedule_declarations own set seen_at = now()
        where seen_at < now() - ${markEveryMs}::float8 * interval '1 millisecond' and digest is not null
          and (folder = any(${[...folders]}::text[])
            or exists (select from ${given} where given.suite_id = own.suite_id and given.digest = own.digest))`;
      const rows = await sql<{ suiteId: string }[]>`
        select given.suite_id as "suiteId" from ${given} left join schedule_declarations own using (suite_id)
        where case when own.suite_id is null then given.declares else
          own.digest is null or (own.digest <> given.digest
            and own.seen_at < now() - ${unseenMs}::float8 * interval '1 millisecond') end`;
      return rows.map(({ suiteId }) => suiteId);
    });

  const withdrawUnseen: ScheduleStore['withdrawUnseen'] = (unseenMs, forgottenMs) =>
    translateErrors(() =>
      sql.begin(async (transaction) => {
        const unseen = await transaction<{ id: string }[]>`
          update schedule_declarations set digest = null
          where digest is not null and seen_at < now() - ${unseenMs}::float8 * interval '1 millisecond'
          returning suite_id as id`;
        // The planned time stays: what was to come is not lost when the suite is found again.
        const withdrawn = await transaction<{ id: string }[]>`
          update schedules set withdrawn_at = now(), due_at = null
          where declared_in is not null and withdrawn_at is null
            and suite_id = any(${unseen.map(({ id }) => id)}::text[])
          returning id`;
        await skipWaiting(
          transaction,
          withdrawn.map(({ id }) => id),
        );
        await transaction`
          delete from schedules
          where withdrawn_at < now() - ${forgottenMs}::float8 * interval '1 millisecond'`;
        await transaction`
          delete from schedule_declarations
          where seen_at < now() - ${forgottenMs}::float8 * interval '1 millisecond'`;
        return withdrawn.length;
      }),
    );

  return { declare, markSeen, withdrawUnseen };
}

/** Its row is locked until the end, so that two that declare the same suite do so one after the other. */
async function writeDeclaration(
  transaction: TransactionSql,
  { suiteId, folder, digest }: DeclaringSuite,
  declares: boolean,
): Promise<void> {
  if (declares) {
    await transaction`
      insert into schedule_declarations (suite_id, folder, digest, seen_at)
      values (${suiteId}, ${folder}, ${digest}, now())
      on conflict (suite_id) do update
      set folder = excluded.folder, digest = excluded.digest, seen_at = excluded.seen_at`;
  } else {
    await transaction`
      update schedule_declarations set folder = ${folder}, digest = ${digest}, seen_at = now()
      where suite_id = ${suiteId}`;
  }
}

/** True if this made it or changed it. Its next time stays where its times do. */
async function write(
  transaction: TransactionSql,
  { suiteId, file }: DeclaringSuite,
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
    next_at: next?.nextAt ?? null,
    due_at: next?.dueAt ?? null,
  };
  const rows = await transaction`
    insert into schedules ${transaction(values)} on conflict (id) do update set
      profile = excluded.profile, backend = excluded.backend, cron = excluded.cron,
      time_zone = excluded.time_zone, jitter_seconds = excluded.jitter_seconds,
      when_running = excluded.when_running, when_missed = excluded.when_missed,
      changed_at = excluded.changed_at, changed_by = excluded.changed_by,
      next_at = case when ${keepsTimes(transaction)} then schedules.next_at else excluded.next_at end,
      due_at = case when ${keepsTimes(transaction)}
        then schedules.next_at + (excluded.due_at - excluded.next_at) else excluded.due_at end,
      withdrawn_at = null
    where schedules.withdrawn_at is not null or
      (schedules.profile, schedules.backend, schedules.cron, schedules.time_zone, schedules.jitter_seconds,
        schedules.when_running, schedules.when_missed)
      is distinct from
      (excluded.profile, excluded.backend, excluded.cron, excluded.time_zone, excluded.jitter_seconds,
        excluded.when_running, excluded.when_missed)
    returning id`;
  return rows.length > 0;
}

/** One that is off has no next time to change. One that its file had withdrawn has none to keep. */
function keepsTimes(transaction: TransactionSql) {
  return transaction`
    not schedules.enabled or ((schedules.withdrawn_at is null or schedules.next_at is not null)
      and (schedules.cron, schedules.time_zone, schedules.jitter_seconds)
        = (excluded.cron, excluded.time_zone, excluded.jitter_seconds))`;
}

/** One that a control plane is launching just now is left to it. */
async function skipWaiting(transaction: TransactionSql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction`
    update schedule_firings set status = 'skipped', reason = 'The suite no longer declares this schedule.'
    where schedule_id = any(${[...ids]}::text[]) and status = 'waiting'
      and (reason is not null or lease_until is null or lease_until < now())`;
}
