import { z } from 'zod';
import type { ErrorCode } from '../../model/errors';
import type { RouteOptions } from '../route';

/**
 * One operation of the API as plain data: its route is made of it, and so is its entry in the OpenAPI document. The
 * name under which it is exported is its `operationId`.
 */
export interface Operation extends RouteOptions<unknown, unknown> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its parameters in braces. */
  path: `/api/v1/${string}`;
  /** The last parameter may have slashes in it. */
  takesSlashes?: boolean;
  /** One line in plain words. */
  summary: string;
  /** What the line has no room for. */
  description?: string;
  /** Request headers beside those that every operation takes, each with what it is for. */
  headers?: Record<string, string>;
  /** The body is the bytes of a file. */
  takesBytes?: boolean;
  /** It takes a token for one download and no other. */
  takesPackageToken?: boolean;
  /** By status. */
  answers: { [status in 200 | 201 | 202 | 204 | 304 | 503]?: Answer };
  /** Codes that a caller should expect beside those that follow from what comes in and who may ask. */
  problems?: ErrorCode[];
}

/** One that `Accept` chooses from has several forms. */
export interface Answer {
  description: string;
  json?: z.ZodType;
  /** Server-Sent Events: what the data of each item is. */
  events?: z.ZodType;
  /** Anything else, as it is. */
  bytes?:
    | 'text/plain'
    | 'application/octet-stream'
    | 'application/x-tar'
    | 'application/xml'
    | 'application/x-ndjson'
    | 'image/svg+xml';
  headers?: Record<string, string>;
}

export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });

/** `nextCursor` is sent as `cursor` to get the next one; it is null on the last. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** `nextAfter` is sent as `after` to get the next one; null: this is all there is up to `lastSeq`. */
export const seqPageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextAfter: z.int().nullable(), lastSeq: z.int() });

export const noContent: Answer = { description: 'Done.' };

/** For what is asked for again and again. */
export const tagged = { ETag: 'Value for `If-None-Match` in the next request.' };
export const ifNoneMatch = {
  'If-None-Match': 'The last known `ETag`: 304 if nothing has changed.',
};
export const unchanged: Answer = { description: 'Not modified.', headers: tagged };
