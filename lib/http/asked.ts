/** What routes need of a request: a `Request` is one, and costs many times as much as the rest of a short answer. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Pick<Headers, 'get'>;
  readonly signal: AbortSignal;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What routes that are asked for very often answer with, in place of a `Response`. */
export interface PlainAnswer {
  status: number;
  headers: Record<string, string>;
  /** Null: there is no body. */
  text: string | null;
}

export function plainJson(value: unknown, headers: Record<string, string>): PlainAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    text: JSON.stringify(value),
  };
}

export function toResponse(answer: Response | PlainAnswer): Response {
  if (answer instanceof Response) return answer;
  return new Response(answer.text, { status: answer.status, headers: answer.headers });
}
