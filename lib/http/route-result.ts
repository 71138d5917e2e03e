import type { Standing } from '../identity/principal';

/** What a route answers with; an adapter makes the answer on the wire of it: `toWebResponse` or `sendResult`. */
export type RouteResult = Response | PlainResult | FrameStream;

/** An answer whose body is known whole, and which costs less than a `Response`. */
export interface PlainResult {
  status: number;
  headers: Record<string, string>;
  /** Null: there is no body. */
  text: string | null;
}

/** A stream of Server-Sent Events, which opens when the client begins to read. */
export interface FrameStream {
  /** The frames; they end when the signal aborts. */
  open: OpenFrames;
  /** The token or session of the client; the stream ends within 5 s of its end. Null: nobody's. */
  callerTokenId: string | null;
  /** The client's rights at the start, which are checked again: the stream ends within 5 s of a change of any. */
  callerStandings: readonly Standing[];
}

export type OpenFrames = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

export function plainJson(value: unknown, headers: Record<string, string>): PlainResult {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    text: JSON.stringify(value),
  };
}

export function isFrameStream(result: RouteResult): result is FrameStream {
  return 'open' in result;
}
