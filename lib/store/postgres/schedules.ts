import type { ScheduleFiring } from '../../model/schedule';
import type { ScheduleStore, StoredSchedule } from '../schedule-store';
import type { Database } from './database';
import { createDeclaredSchedules } from './declared-schedules';
import { translateErrors } from './translate-errors';

const keptFirings = 500;

const columns = (sql: Database['sql']) => sql`
  id, name, suite_id as "suiteId", profile, backend, cron, time_zone as "timeZone", enabled,
  jitter_seconds as "jitterSeconds", when_running as "whenRunning", when_missed as "whenMissed",
  changed_at as "changedAt", changed_by as "changedBy", declared_in as "declaredIn",
  next_at as "nextAt", due_at as "dueAt",
  case when maker_id is not null and maker_at = changed_at then json_build_object('kind', maker_kind, 'id', maker_id) end as maker`;

const firingColumns = (sql: Database['sql']) =>
  sql`planned_at as "plannedAt", status, execution_id as "executionId", reason`;

/** A firing with a reason waits for something; one without, under a lease, is being launched. */
export function createScheduleStore(database: Database): ScheduleStore {
  const { sql } = database;

  return {
    list: () =>
      translateErrors(
        async () =>
          await sql<
            StoredSchedule[]
          >`select ${columns(sql)} from schedules where withdrawn_at is null order by name, id`,
      ),
    get: (id) =>
      translateErrors(async () => {
        const [row] = await sql<
          StoredSchedule[]
        >`select ${columns(sql)} from schedules where id = ${id} and withdrawn_at is null`;
        return row ?? null;
      }),
    ...createDeclaredSchedules(database),
    setEnabled: (...call) => setEnabled(sql, ...call),
    save: (schedule, expected) => translateErrors(() => save(sql, schedule, expected)),
    remove: (id) =>
      translateErrors(async () => {
        const rows = await sql`delete from schedules where id = ${id} and declared_in is null returning id`;
        return rows.length > 0;
      }),
    lastFirings: () => translateErrors(() => lastFirings(sql)),
    firings: (id, limit) =>
      translateErrors(
        async () =>
          await sql<ScheduleFiring[]>`
          select ${firingColumns(sql)} from schedule_firings where schedule_id = ${id}
          order by planned_at desc limit ${limit}`,
      ),
    due: (at, limit, declared) =>
      translateErrors(
        async () =>
          await sql<StoredSchedule[]>`
          select ${columns(sql)} from schedules where enabled and due_at <= ${at}::timestamptz and (${declared} or declared_in is null)
          order by due_at, id limit ${limit}`,
      ),
    plan: (...call) => plan(sql, ...call),
    claimWaiting: (...call) => claimWaiting(sql, ...call),
    settle: (id, plannedAt, { status, executionId, reason }) =>
      translateErrors(async () => {
        await sql`
          update schedule_firings set status = ${status}, execution_id = ${executionId}, reason = ${reason}
          where schedule_id = ${id} and planned_at = ${plannedAt}::timestamptz and status = 'waiting'`;
      }),
    postpone: (id, plannedAt, reason, retryMs) =>
      translateErrors(async () => {
        await sql`
          update schedule_firings
          set reason = ${reason}, lease_until = now() + ${retryMs}::float8 * interval '1 millisecond'
          where schedule_id = ${id} and planned_at = ${plannedAt}::timestamptz and status = 'waiting'`;
      }),
    unfinished: (id) =>
      translateErrors(async () => {
        const rows = await sql<{ id: string }[]>`
          select executions.id from schedule_firings join executions on executions.id = execution_id
          where schedule_id = ${id} and executions.status in ('queued', 'running') order by planned_at`;
        return rows.map((row) => row.id);
      }),
  };
}

async function save(
  sql: Database['sql'],
  schedule: StoredSchedule,
  expected: 'new' | 'old',
): Promise<boolean> {
  const values = {
    id: schedule.id,
    name: schedule.name,
    suite_id: schedule.suiteId,
    profile: schedule.profile,
    backend: schedule.backend,
    cron: schedule.cron,
    time_zone: schedule.timeZone,
    enabled: schedule.enabled,
    jitter_seconds: schedule.jitterSeconds,
    when_running: schedule.whenRunning,
    when_missed: schedule.whenMissed,
    changed_at: schedule.changedAt,
    changed_by: schedule.changedBy,
    maker_kind: schedule.maker?.kind ?? null,
    maker_id: schedule.maker?.id ?? null,
    maker_at: schedule.changedAt,
    next_at: schedule.nextAt,
    due_at: schedule.dueAt,
  };
  const rows =
    expected === 'new'
      ? await sql`insert into schedules ${sql(values)} returning id`
      : await sql`
          update schedules set ${sql(values)} where id = ${schedule.id} and declared_in is null returning id`;
  return rows.length > 0;
}

function setEnabled(
  sql: Database['sql'],
  ...[id, knownChangedAt, change]: Parameters<ScheduleStore['setEnabled']>
): ReturnType<ScheduleStore['setEnabled']> {
  return translateErrors(async () => {
    const rows = await sql`
      update schedules set enabled = ${change.enabled}, next_at = ${change.nextAt}, due_at = ${change.dueAt},
        changed_at = ${change.changedAt}, changed_by = ${change.changedBy}
      where id = ${id} and declared_in is not null and withdrawn_at is null
        and changed_at = ${knownChangedAt}::timestamptz
      returning id`;
    return rows.length > 0;
  });
}

function plan(
  sql: Database['sql'],
  ...[id, from, { plannedAt, status, reason }, next]: Parameters<ScheduleStore['plan']>
): ReturnType<ScheduleStore['plan']> {
  return translateErrors(() =>
    sql.begin(async (transaction) => {
      const moved = await transaction`
        update schedules set next_at = ${next?.nextAt ?? null}, due_at = ${next?.dueAt ?? null}
        where id = ${id} and next_at = ${from}::timestamptz and enabled and withdrawn_at is null returning id`;
      if (moved.length === 0) return false;
      if (status === 'waiting') {
        await transaction`
          update schedule_firings set status = 'skipped', reason = 'A later time took its place.'
          where schedule_id = ${id} and status = 'waiting' and planned_at < ${plannedAt}::timestamptz
            and (reason is not null or lease_until is null or lease_until < now())`;
      }
      await transaction`
        insert into schedule_firings (schedule_id, planned_at, status, reason)
        values (${id}, ${plannedAt}, ${status}, ${reason}) on conflict do nothing`;
      await transaction`
        delete from schedule_firings where schedule_id = ${id} and status <> 'waiting' and planned_at <= (
          select planned_at from schedule_firings where schedule_id = ${id}
          order by planned_at desc offset ${keptFirings} limit 1
        )`;
      return true;
    }),
  );
}

function claimWaiting(
  sql: Database['sql'],
  ...[leaseMs, limit, declared]: Parameters<ScheduleStore['claimWaiting']>
): ReturnType<ScheduleStore['claimWaiting']> {
  return translateErrors(async () => {
    const claimed = await sql<(ScheduleFiring & { scheduleId: string })[]>`
      update schedule_firings set reason = null, lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
      where (schedule_id, planned_at) in (
        select schedule_id, planned_at from schedule_firings own
        where status = 'waiting' and (lease_until is null or lease_until < now()) and not exists (
          select from schedule_firings earlier
          where earlier.schedule_id = own.schedule_id and earlier.status = 'waiting'
            and earlier.planned_at < own.planned_at
        ) and (${declared} or exists (
          select from schedules where id = own.schedule_id and declared_in is null
        ))
        order by planned_at limit ${limit} for update skip locked
      )
      returning schedule_id as "scheduleId", ${firingColumns(sql)}`;
    if (claimed.length === 0) return [];
    const ids = claimed.map(({ scheduleId }) => scheduleId);
    const rows = await sql<StoredSchedule[]>`
      select ${columns(sql)} from schedules where id = any(${ids}::text[])`;
    return claimed.flatMap(({ scheduleId, ...firing }) => {
      const schedule = rows.find(({ id }) => id === scheduleId);
      return schedule ? [{ schedule, firing }] : [];
    });
  });
}

async function lastFirings(sql: Database['sql']): ReturnType<ScheduleStore['lastFirings']> {
  const rows = await sql<(ScheduleFiring & { scheduleId: string })[]>`
    select schedules.id as "scheduleId", last.* from schedules cross join lateral (
      select ${firingColumns(sql)} from schedule_firings where schedule_id = schedules.id
      order by planned_at desc limit 1
    ) last`;
  return new Map(rows.map(({ scheduleId, ...firing }) => [scheduleId, firing]));
}
