import { type SQL, sql as statement } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Options, type Sql } from 'postgres';

/** The pool twice: `sql` for statements written by hand (what is run often), `tables` through drizzle. */
export interface Database {
  readonly url: string;
  readonly sql: Sql;
  readonly tables: PostgresJsDatabase;
}

export function connect(url: string): Database {
  const sql = postgres(url, { ...connectionOptions, max: 10 });
  const tables = drizzle(sql);
  // drizzle has set its own; everything in Gantry is RFC 3339 with milliseconds.
  for (const type of [timestamptz]) sql.options.parsers[type] = toTimestamp;
  for (const type of [textArray, integerArray]) sql.options.serializers[type] = toArrayText;
  return { url, sql, tables };
}

/** For every connection that the store opens. */
export const connectionOptions: Options<Record<string, never>> = {
  connect_timeout: 5,
  // A database that comes back is found within a quarter of a second; postgres.js would wait up to 20 s.
  backoff: () => 0.25,
  onnotice: () => undefined,
  // postgres.js would ask for array types on each connection, and when that one breaks meanwhile nobody handles it.
  fetch_types: false,
  connection: {
    application_name: 'gantry',
    TimeZone: 'UTC',
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 30_000,
  },
};

const timestamptz = 1184;
const integerArray = 1007;
const textArray = 1009;

/** A time as PostgreSQL writes it, in rows or in JSON, as RFC 3339 with milliseconds. */
export function toTimestamp(text: string): string {
  return new Date(text).toISOString();
}

export function toTimestampOrNull(text: string | null): string | null {
  return text === null ? null : toTimestamp(text);
}

/** A list as PostgreSQL reads it: `{"a","b\\"c"}`. */
function toArrayText(items: readonly (string | number)[]): string {
  const quoted = items.map((item) => `"${String(item).replace(/["\\]/g, '\\$&')}"`);
  return `{${quoted.join(',')}}`;
}

/** For a jsonb column that is written through drizzle. */
export function jsonValue(value: unknown): SQL {
  return statement`${toJson(value)}::text::jsonb`;
}

/**
 * JSON for a jsonb column, which refuses NUL and lone surrogates: they become U+2400 and U+FFFD. Hand-written
 * statements take it as `${toJson(value)}::text::jsonb`.
 */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!/\\u(0000|d[89a-f])/i.test(json)) return json;
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? Buffer.from(inner.replaceAll('\0', '\u2400')).toString() : inner,
  );
}
