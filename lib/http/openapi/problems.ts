import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { type ErrorCode, errorStatus } from '../../model/errors';
import { reauthenticationNeedOf } from '../check-reauthentication';
import type { Operation } from '../operations/operation';
import { problemDetails } from '../problem';

/** What an operation answers when it refuses: its own codes by status, and `default` for what any may meet with. */
export function problemAnswers(operation: Operation): ZodOpenApiResponsesObject {
  const codes = [...new Set([...usual(operation), ...(operation.problems ?? [])])];
  const statuses = new Set(codes.map((code) => errorStatus[code]));
  return {
    ...Object.fromEntries(
      [...statuses].map((status) => [
        String(status),
        problem(list(codes.filter((code) => errorStatus[code] === status))),
      ]),
    ),
    default: problem('Anything else, such as `internal` (500) or `store_unavailable` (503).'),
  };
}

/** All codes that there are, each with its status. */
export function describeCodes(): string {
  return Object.entries(errorStatus)
    .map(([code, status]) => `\`${code}\` (${status})`)
    .join(', ');
}

function usual(operation: Operation): ErrorCode[] {
  const { path, query, body, access } = operation;
  return [
    ...(path.includes('{') || query || body ? (['bad_request'] as const) : []),
    ...(access === 'public' ? [] : (['unauthorized', 'forbidden', 'too_many_requests'] as const)),
    ...(reauthenticationNeedOf(operation) === 'never' ? [] : (['reauthentication_required'] as const)),
    ...(body ? (['request_timeout', 'payload_too_large', 'unsupported_media_type'] as const) : []),
  ];
}

function problem(description: string): ZodOpenApiResponseObject {
  return { description, content: { 'application/problem+json': { schema: problemDetails } } };
}

function list(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\``).join(', ');
}
