import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { createParser } from 'eventsource-parser';
import { expect } from 'vitest';
import type { z } from 'zod';
import type { Operation } from '@/lib/http/operations/operation';
import { apiTags } from '@/lib/http/operations/tags';

export interface Call {
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** Sent as JSON. */
  body?: object;
  bytes?: string;
  headers?: Record<string, string>;
  /** Another one than the server's first; null: none. */
  token?: string | null;
}

export interface DocumentedApi {
  /**
   * Sends it. Fails unless status, content type and body are as the document says, and where the answer has a field
   * of which the document knows nothing; and when a body is taken that the document would refuse.
   */
  ask(id: string, call?: Call): Promise<Response>;
  /** As `ask`, with the first `most` items of the stream, or all up to its end. */
  follow(id: string, call?: Call, most?: number): Promise<unknown[]>;
  /** Operations that nobody has asked for. */
  unasked(): string[];
}

/** The API of a running Gantry as its own OpenAPI document says it is. */
export async function openDocumentedApi({
  url,
  token,
}: {
  url: string;
  token: string;
}): Promise<DocumentedApi> {
  const document = await (await fetch(new URL('/api/v1/openapi.json', url))).json();
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('base64', true);
  ajv.addSchema({ ...document, $id: 'gantry' });
  const operations = new Map(apiTags.flatMap((area) => Object.entries(area.operations)));
  const unasked = new Set(operations.keys());

  function find(id: string): Operation {
    const operation = operations.get(id);
    if (!operation) throw new Error(`there is no operation ${id}`);
    unasked.delete(id);
    return operation;
  }

  /** `place`: of its schema in the document. */
  function check(value: unknown, ...place: string[]): void {
    const pointer = place
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent);
    const validate = ajv.compile({ $ref: `gantry#/${pointer.join('/')}` });
    validate(value);
    expect({ place, value, errors: validate.errors ?? [] }).toEqual({ place, value, errors: [] });
  }

  function send(operation: Operation, accept: string, call: Call): Promise<Response> {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(call.params?.[name] ?? ''),
    );
    const bearer = call.token === undefined ? token : call.token;
    const body = call.bytes ?? (call.body && JSON.stringify(call.body));
    return fetch(new URL(`${path}?${new URLSearchParams(call.query)}`, url), {
      method: operation.method,
      ...(body === undefined ? {} : { body }),
      headers: {
        accept,
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(call.body ? { 'content-type': 'application/json' } : {}),
        ...call.headers,
      },
    });
  }

  async function checkedAnswer(operation: Operation, accept: string, call: Call) {
    const { path, method } = operation;
    const answer = await send(operation, accept, call);
    const place = ['paths', path, method.toLowerCase()];
    const { content } = document.paths[path][method.toLowerCase()].responses[answer.status] ?? {
      content: {},
    };
    const type = answer.headers.get('content-type')?.split(';')[0];
    expect({ place, status: answer.status, types: Object.keys(content ?? {}) }).toEqual({
      place,
      status: answer.status,
      types: type ? expect.arrayContaining([type]) : [],
    });
    if (answer.ok && call.body)
      check(call.body, ...place, 'requestBody', 'content', 'application/json', 'schema');
    return {
      answer,
      type,
      place: [...place, 'responses', String(answer.status), 'content', type ?? '', 'schema'],
    };
  }

  return {
    async ask(id, call = {}) {
      const operation = find(id);
      const { answer, type, place } = await checkedAnswer(
        operation,
        call.headers?.accept ?? 'application/json',
        call,
      );
      if (type && /[/+]json$/.test(type)) {
        const body = await answer.clone().json();
        check(body, ...place);
        const schema = Object.entries(operation.answers).find(
          ([status]) => Number(status) === answer.status,
        )?.[1].json;
        if (schema) expectNothingMore(schema, body);
      }
      return answer;
    },
    async follow(id, call = {}, most = Number.POSITIVE_INFINITY) {
      const operation = find(id);
      const { answer, place } = await checkedAnswer(operation, 'text/event-stream', call);
      const items = await readItems(answer, most);
      expect(items.length).toBeGreaterThan(0);
      for (const item of items) {
        check(item, ...place);
        const { events } = operation.answers[200] ?? {};
        if (events) expectNothingMore(events, item);
      }
      return items;
    },
    unasked: () => [...unasked],
  };
}

/** What zod has no field for, it leaves out. */
function expectNothingMore(schema: z.ZodType, value: unknown): void {
  expect(schema.parse(value)).toEqual(value);
}

async function readItems(answer: Response, most: number): Promise<unknown[]> {
  const items: unknown[] = [];
  let isOver = false;
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === 'end') isOver = true;
      else items.push(JSON.parse(data));
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (isOver || items.length >= most) break;
  }
  return items.slice(0, most);
}
