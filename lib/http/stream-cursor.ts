import { AppError } from '../model/errors';
import { maxCount } from './execution-queries';
import type { RouteRequest } from './route-request';

/** Where the client wants to go on: what EventSource says when it comes back, else `?after=`. */
export interface StreamCursor {
  after: number;
  /** The client said where: it has been here before. */
  isResumed: boolean;
}

/** Rejects with `bad_request` what is not a number. */
export function readCursor(request: RouteRequest, after: number | undefined): StreamCursor {
  const last = request.headers.get('last-event-id');
  if (last === null || last === '') return { after: after ?? 0, isResumed: after !== undefined };
  if (!/^\d{1,15}$/.test(last)) {
    throw new AppError(
      'bad_request',
      `The Last-Event-ID is not valid: expected a number, found ${JSON.stringify(last.slice(0, 50))}.`,
    );
  }
  // What is larger is past every end.
  return { after: Math.min(Number(last), maxCount), isResumed: true };
}

/** What the client wants: a stream unless it asks for something else. */
export function wantedType(request: RouteRequest): 'stream' | 'json' | 'text' {
  const accept = request.headers.get('accept') ?? '';
  if (accept.includes('text/event-stream')) return 'stream';
  if (accept.includes('application/json')) return 'json';
  return accept.includes('text/plain') ? 'text' : 'stream';
}

/**
 * Whether there is nothing to stream any more. Rejects with `bad_request` a place that does not exist: the
 * client has mixed up two executions, or another database answers.
 */
export function isPastEnd(cursor: StreamCursor, lastSeq: number, hasEnded: boolean): boolean {
  if (hasEnded && cursor.isResumed && cursor.after >= lastSeq) return true;
  if (cursor.after > lastSeq) {
    throw new AppError(
      'bad_request',
      `Item ${cursor.after} does not exist (latest: ${lastSeq}). Reconnect without Last-Event-ID.`,
    );
  }
  return false;
}
