/** What routes need of a request. A `Request` is one, and costs many times as much as the rest of a short answer. */
export interface RouteRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Pick<Headers, 'get'>;
  /** Aborts when the client leaves before it has the answer. */
  readonly signal: AbortSignal;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Tells whether the caller asks for server-sent events. */
export function wantsEvents({ headers }: Pick<RouteRequest, 'headers'>): boolean {
  return headers.get('accept')?.includes('text/event-stream') === true;
}
