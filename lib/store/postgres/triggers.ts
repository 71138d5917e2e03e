import type { Trigger, TriggerDelivery } from '../../model/trigger';
import type { TriggerStore } from '../trigger-store';
import { type Database, toJson } from './database';
import { translateErrors } from './translate-errors';

/** What launched is kept as long as the trigger, so that it does not launch again. */
const keptDays = 30;

export function createTriggerStore({ sql }: Database): TriggerStore {
  const columns = sql`key, event, received_at as "receivedAt", status, execution_id as "executionId", reason`;
  return {
    list: () =>
      translateErrors(async () => {
        const rows = await sql<{ trigger: Trigger }[]>`
          select trigger from triggers order by trigger ->> 'name', id`;
        return rows.map(({ trigger }) => trigger);
      }),
    get: (id) =>
      translateErrors(async () => {
        const [row] = await sql<{ trigger: Trigger }[]>`select trigger from triggers where id = ${id}`;
        return row?.trigger ?? null;
      }),
    save: (trigger, expected) =>
      translateErrors(async () => {
        const json = toJson(trigger);
        const rows =
          expected === 'new'
            ? await sql`insert into triggers (id, trigger) values (${trigger.id}, ${json}::text::jsonb) returning id`
            : await sql`update triggers set trigger = ${json}::text::jsonb where id = ${trigger.id} returning id`;
        return rows.length > 0;
      }),
    remove: (id) =>
      translateErrors(async () => {
        const rows = await sql`delete from triggers where id = ${id} returning id`;
        return rows.length > 0;
      }),
    deliveries: (id, limit) =>
      translateErrors(
        async () =>
          await sql<TriggerDelivery[]>`
            select ${columns} from trigger_deliveries
            where trigger_id = ${id} order by received_at desc, key limit ${limit}`,
      ),
    delivery: (id, key) =>
      translateErrors(async () => {
        const [row] = await sql<TriggerDelivery[]>`
          select ${columns} from trigger_deliveries where trigger_id = ${id} and key = ${key}`;
        return row ?? null;
      }),
    deleteOld: () =>
      translateErrors(async () => {
        await sql`
          delete from trigger_deliveries
          where status <> 'launched' and received_at < now() - ${keptDays}::integer * interval '1 day'`;
      }),
    record: (id, { key, event }, { status, executionId, reason }) =>
      translateErrors(async () => {
        const rows = await sql`
          insert into trigger_deliveries (trigger_id, key, event, status, execution_id, reason)
          select ${id}, ${key}, ${event}, ${status}, ${executionId}, ${reason}
          where exists (select from triggers where id = ${id})
          on conflict (trigger_id, key) do update set received_at = now(), event = excluded.event,
            status = excluded.status, execution_id = excluded.execution_id, reason = excluded.reason
            where trigger_deliveries.status <> 'launched'
          returning key`;
        return rows.length > 0;
      }),
  };
}
