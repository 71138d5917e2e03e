import { z } from 'zod';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';

const status = z.object({ reason: z.string().default(''), message: z.string().default('') });

/** The API server answered with an HTTP error. */
export class ClusterRefusal extends AppError {
  /** The API server's own words. */
  readonly said: string;
  /** Its own code, e.g. `AlreadyExists`. */
  readonly reason: string;
  constructor(
    readonly status: number,
    answer: unknown,
    text: string,
    what: string,
  ) {
    const parsed = statusOf(answer);
    const said = (parsed?.message || text.trim().slice(0, 500) || `HTTP ${status}`).replace(/\.$/, '');
    super('backend_failed', `The cluster could not ${what}: ${said}.`);
    this.said = said;
    this.reason = parsed?.reason ?? '';
  }
}

function statusOf(answer: unknown): z.infer<typeof status> | null {
  const parsed = status.safeParse(answer);
  return parsed.success ? parsed.data : null;
}

/** The HTTP status of a refusal; null for anything else. */
export function refusalStatus(error: unknown): number | null {
  return error instanceof ClusterRefusal ? error.status : null;
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'backend_unavailable';
}

/** There is an object of that name. */
export function isThereAlready(error: unknown): boolean {
  return error instanceof ClusterRefusal && error.status === 409 && !isConflict(error);
}

/** Somebody else wrote first, to the object or to a quota that counts it. */
function isConflict(error: unknown): boolean {
  return error instanceof ClusterRefusal && error.reason === 'Conflict';
}

/** It may work a moment later: the API server is away, overloaded or starting, or two have written at once. */
export function isPassing(error: unknown): boolean {
  const status = refusalStatus(error);
  return isUnreachable(error) || isConflict(error) || status === 429 || (status !== null && status >= 500);
}

export function unreachable(error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    ECONNREFUSED: 'its API server does not listen (connection refused)',
    ECONNRESET: 'its API server ended the connection',
    ENOTFOUND: 'the name of its API server cannot be resolved',
    ETIMEDOUT: 'its API server does not answer (timed out)',
    EHOSTUNREACH: 'there is no route to its API server',
  };
  const why = words[code] ?? messageOf(error);
  return new AppError('backend_unavailable', `The cluster cannot be reached: ${why}.`, { cause: error });
}

const firstPauseMs = 250;
const maxPauseMs = 3_000;

/**
 * Asks again while the refusal is a passing one, for `limitMs`: an API server that restarts must not end a step.
 * The signal ends the waiting, and the last refusal is then the answer.
 */
export async function retryRequest<T>(
  { clock }: { clock: Clock },
  limitMs: number,
  signal: AbortSignal,
  request: () => Promise<T>,
): Promise<T> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, 2 * pauseMs)) {
    try {
      return await request();
    } catch (error) {
      if (!isPassing(error) || signal.aborted || clock.monotonicMs() + pauseMs > deadlineMs) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}
