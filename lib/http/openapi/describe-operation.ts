import { z } from 'zod';
import type {
  ZodOpenApiContentObject,
  ZodOpenApiOperationObject,
  ZodOpenApiResponseObject,
} from 'zod-openapi';
import type { Answer, Operation } from '../operations/operation';
import { longestParameter } from '../route';
import { problemAnswers } from './problems';
import { describeAccess, securityOf } from './security';

/** An operation as OpenAPI has it. */
export function describeOperation(
  operationId: string,
  area: string,
  operation: Operation,
): ZodOpenApiOperationObject {
  const { summary, description, path, query, headers } = operation;
  const content = bodyOf(operation);
  return {
    operationId,
    tags: [area],
    summary,
    description: [description, describeAccess(operation)].filter((text) => text !== undefined).join('\n\n'),
    security: securityOf(operation),
    requestParams: {
      path: pathParameters(path),
      header: optionalTexts(headers ?? {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
    },
    ...(content ? { requestBody: { required: true, content } } : {}),
    responses: {
      ...problemAnswers(operation),
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [status, describeAnswer(answer)]),
      ),
    },
  };
}

function bodyOf({ body, takesBytes }: Operation): ZodOpenApiContentObject | null {
  if (body) return { 'application/json': { schema: body } };
  return takesBytes ? { 'application/octet-stream': { schema: {} } } : null;
}

const sse =
  'A stream is Server-Sent Events: the schema is that of the `data` of each item, `id` is its place, `event: end` comes after the last.';

function describeAnswer({
  description: what,
  json,
  events,
  bytes,
  headers,
}: Answer): ZodOpenApiResponseObject {
  const content: ZodOpenApiContentObject = {
    ...(json ? { 'application/json': { schema: json } } : {}),
    ...(events ? { 'text/event-stream': { schema: events } } : {}),
    ...(bytes ? { [bytes]: { schema: bytes === 'text/plain' ? { type: 'string' } : {} } } : {}),
  };
  return {
    description: events ? `${what} ${sse}` : what,
    ...(Object.keys(content).length > 0 ? { content } : {}),
    ...(headers ? { headers: optionalTexts(headers) } : {}),
  };
}

function optionalTexts(descriptions: Record<string, string>) {
  return z.object(
    Object.fromEntries(
      Object.entries(descriptions).map(([name, description]) => [
        name,
        z.string().optional().meta({ description }),
      ]),
    ),
  );
}

/** What a parameter is, by the word before it and its own name. */
const parameters: Record<string, string> = {
  'cases/id': 'The id of a test case.',
  'executions/id': 'The id of an execution.',
  'steps/step': 'The id of a step. Those of nested suites have slashes, which may be written as they are.',
  'artifacts/artifact': 'The id of an artifact.',
  'inputs/artifact': 'The id of an artifact that the step gets.',
  'suites/id': 'The id of a suite.',
  'profiles/profile': 'The name of a profile.',
  'sandboxes/id': 'The id of an execution, which is that of its environment.',
  'agents/id': 'The name of an agent.',
  'jobs/id': 'The id of a job.',
  'schedules/id': 'The id of a schedule.',
  'webhooks/id': 'The id of a webhook.',
  'triggers/id': 'The id of a trigger.',
  'hooks/id': 'The id of a trigger.',
  'webhook-deliveries/id': 'The id of a message, which is its `webhook-id`.',
  'users/id': 'The id of a person.',
  'sessions/id': 'The id of a session.',
  'tokens/id': 'The id of a token.',
  'grants/id': 'The id of a grant.',
  'tokens/token': 'The id of a token.',
  'packages/digest': 'The digest of a package, `sha256:…`.',
  'readyz/check': 'The name of a check.',
};

function pathParameters(path: string) {
  const found = [...path.matchAll(/([\w-]+)\/\{(\w+)\}/g)].map(([, word = '', name = '']) => {
    const description = parameters[`${word}/${name}`];
    if (!description) throw new Error(`${path}: what {${name}} is must be said in describe-operation.ts`);
    return [name, z.string().min(1).max(longestParameter).meta({ description })] as const;
  });
  return z.object(Object.fromEntries(found));
}
