import { DrizzleQueryError } from 'drizzle-orm';
import postgres from 'postgres';
import { AppError, StoreFull } from '../../model/errors';

/** SQLSTATE of a full disk. */
const diskFull = '53100';

/**
 * Runs a piece of work on the database; a failure to reach it becomes AppError `store_unavailable`,
 * for want of space a StoreFull. After a
 * connection that broke in the middle of a commit nobody can tell whether it happened.
 */
export async function translateErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // drizzle's own message holds every parameter, secrets included.
    const reason = error instanceof DrizzleQueryError && error.cause ? error.cause : error;
    if (!isUnreachable(reason)) throw reason;
    if (codeOf(reason) === diskFull) {
      throw new StoreFull(`the database has no space: ${describe(reason)}`, { cause: reason });
    }
    throw new AppError('store_unavailable', `the database cannot be reached: ${describe(reason)}`, {
      cause: reason,
    });
  }
}

/**
 * SQLSTATE: 08 connection, 53 no space, memory or connections, 57P0x shut down or starting, 58 input and
 * output, 25006 read-only; else the codes of postgres.js and of the operating system.
 */
function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  if (!code) return false;
  if (error instanceof postgres.PostgresError) return /^(08|53|57P0|58|25006)/.test(code);
  return /^(CONNECTION_|CONNECT_TIMEOUT|E[A-Z]+$)/.test(code);
}

function codeOf(error: unknown): string | null {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return error.code;
}

function describe(error: unknown): string {
  const code = codeOf(error) ?? 'unknown';
  return error instanceof Error && error.message ? `${error.message} (${code})` : code;
}
