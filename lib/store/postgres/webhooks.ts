import type { Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage } from '../../model/webhook';
import type { WebhookStore } from '../webhook-store';
import { type Database, toJson } from './database';
import { translateErrors } from './translate-errors';

const keptDays = 30;

const columns = (sql: Database['sql']) => sql`
  id, name, url, events, suite_id as "suiteId", secret_from as "secretFrom", form, enabled,
  created_at as "createdAt", changed_at as "changedAt", changed_by as "changedBy"`;

export function createWebhookStore({ sql }: Database): WebhookStore {
  return {
    list: () =>
      translateErrors(
        async () => await sql<Webhook[]>`select ${columns(sql)} from webhooks order by name, id`,
      ),
    get: (id) =>
      translateErrors(async () => {
        const [row] = await sql<Webhook[]>`select ${columns(sql)} from webhooks where id = ${id}`;
        return row ?? null;
      }),
    save: (webhook, expected) => translateErrors(() => save(sql, webhook, expected)),
    remove: (id) =>
      translateErrors(async () => {
        const rows = await sql`delete from webhooks where id = ${id} returning id`;
        return rows.length > 0;
      }),
    deliveries: (webhookId, limit) =>
      translateErrors(
        async () =>
          await sql<WebhookDelivery[]>`
          select id, webhook_id as "webhookId", execution_id as "executionId", event, status, attempts,
            created_at as "createdAt", next_at as "nextAt", last_attempt as "lastAttempt"
          from webhook_deliveries where webhook_id = ${webhookId} order by created_at desc, id limit ${limit}`,
      ),
    addDeliveries: (...call) => addDeliveries(sql, ...call),
    claim: (...call) => claim(sql, ...call),
    record: (id, attempt, next) => translateErrors(() => record(sql, id, attempt, next)),
    sendAgain: (id) =>
      translateErrors(async () => {
        const rows = await sql`
          update webhook_deliveries
          set status = 'waiting', next_at = now(), trying_since = now(), attempts = 0
          where id = ${id} returning id`;
        return rows.length > 0;
      }),
    deleteOld: () =>
      translateErrors(async () => {
        await sql`
          delete from webhook_deliveries
          where status <> 'waiting' and created_at < now() - ${keptDays}::integer * interval '1 day'`;
      }),
  };
}

async function save(sql: Database['sql'], webhook: Webhook, expected: 'new' | 'old'): Promise<boolean> {
  const { id, name, url, suiteId, secretFrom, form, enabled, createdAt, changedAt, changedBy } = webhook;
  const events = toJson(webhook.events);
  const rows =
    expected === 'new'
      ? await sql`
          insert into webhooks
            (id, name, url, events, suite_id, secret_from, form, enabled, created_at, changed_at, changed_by)
          values (${id}, ${name}, ${url}, ${events}::text::jsonb, ${suiteId}, ${secretFrom}, ${form},
            ${enabled}, ${createdAt}, ${changedAt}, ${changedBy})
          returning id`
      : await sql`
          update webhooks set name = ${name}, url = ${url}, events = ${events}::text::jsonb,
            suite_id = ${suiteId}, secret_from = ${secretFrom}, form = ${form}, enabled = ${enabled},
            changed_at = ${changedAt}, changed_by = ${changedBy}
          where id = ${id} returning id`;
  return rows.length > 0;
}

function addDeliveries(
  sql: Database['sql'],
  ...[windowMs]: Parameters<WebhookStore['addDeliveries']>
): ReturnType<WebhookStore['addDeliveries']> {
  return translateErrors(async () => {
    const rows = await sql`
      insert into webhook_deliveries (id, webhook_id, execution_id, event, message, status, next_at)
      select 'msg_' || md5(hook.id || ' ' || execution.id || ' ' || event), hook.id, execution.id, event,
        jsonb_build_object('type', event, 'timestamp', ${rfc3339(sql, 'execution.finished_at')},
          'data', jsonb_build_object(
            'executionId', execution.id, 'suiteId', suite_id_of, 'title', execution.suite ->> 'title',
            'profile', execution.profile, 'backend', execution.backend ->> 'id', 'status', execution.status,
            'author', execution.author, 'createdAt', ${rfc3339(sql, 'execution.created_at')},
            'finishedAt', ${rfc3339(sql, 'execution.finished_at')},
            'cause', execution.cause ->> 'sentence', 'labels', execution.labels)),
        'waiting', now()
      from webhooks hook
      join (select *, suite_id as suite_id_of from executions
        where finished_at > now() - ${windowMs}::float8 * interval '1 millisecond') execution
        on execution.finished_at >= hook.created_at and (hook.suite_id is null or hook.suite_id = suite_id_of)
      cross join lateral (select case
        when execution.status = 'passed' then 'passed' when execution.status = 'errored' then 'errored'
        when execution.status in ('failed', 'timed_out') then 'failed' end as word) result
      left join lateral (
        select case when status = 'passed' then 'passed' else 'failed' end as word from executions earlier
        where earlier.suite_id = suite_id_of and earlier.profile = execution.profile
          and earlier.created_at < execution.created_at and earlier.status in ('passed', 'failed', 'timed_out')
        order by earlier.created_at desc limit 1
      ) before on true
      cross join lateral jsonb_array_elements_text(hook.events) event
      where hook.enabled
        and (hook.form not in ('github', 'gitlab') or execution.labels ->> 'commit' ~ '^[0-9a-fA-F]{7,64}$')
        and (event = 'execution.' || result.word
        or (event = 'execution.became_' || result.word and before.word <> result.word
          and result.word <> 'errored')
        or (event = 'execution.needs_attention' and (result.word = 'errored'
          or result.word = 'failed' and before.word is distinct from 'failed'
          or jsonb_array_length(execution.receipt -> 'left') > 0)))
      on conflict do nothing returning id`;
    return rows.length;
  });
}

/** As the API writes times. */
function rfc3339(sql: Database['sql'], column: string) {
  return sql.unsafe(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
}

function claim(
  sql: Database['sql'],
  ...[leaseMs, limit]: Parameters<WebhookStore['claim']>
): ReturnType<WebhookStore['claim']> {
  return translateErrors(async () => {
    const claimed = await sql<
      { id: string; webhookId: string; message: WebhookMessage; attempts: number; tryingForMs: number }[]
    >`
      update webhook_deliveries set next_at = now() + ${leaseMs}::float8 * interval '1 millisecond'
      where id in (
        select id from webhook_deliveries where status = 'waiting' and next_at <= now()
          and webhook_id in (select id from webhooks where enabled)
        order by next_at limit ${limit} for update skip locked
      )
      returning id, webhook_id as "webhookId", message, attempts,
        (extract(epoch from now() - trying_since) * 1000)::float8 as "tryingForMs"`;
    if (claimed.length === 0) return [];
    const ids = claimed.map(({ webhookId }) => webhookId);
    const hooks = await sql<Webhook[]>`select ${columns(sql)} from webhooks where id = any(${ids}::text[])`;
    return claimed.flatMap(({ webhookId, ...delivery }) => {
      const webhook = hooks.find(({ id }) => id === webhookId);
      return webhook ? [{ webhook, ...delivery }] : [];
    });
  });
}

async function record(
  sql: Database['sql'],
  id: string,
  attempt: WebhookAttempt,
  next: Parameters<WebhookStore['record']>[2],
): Promise<void> {
  const retryMs = typeof next === 'string' ? null : next.retryMs;
  await sql`
    update webhook_deliveries set attempts = attempts + 1, last_attempt = ${toJson(attempt)}::text::jsonb,
      status = ${typeof next === 'string' ? next : 'waiting'},
      next_at = now() + ${retryMs}::float8 * interval '1 millisecond'
    where id = ${id} and status = 'waiting'`;
}
