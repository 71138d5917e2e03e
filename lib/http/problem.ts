import { z } from 'zod';
import { AppError, type ErrorCode, errorStatus, type InputIssue, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';

export const errorCode = z.enum(
  Object.keys(errorStatus).filter((code): code is ErrorCode => code in errorStatus),
);

export const problemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: errorCode,
  detail: z.string(),
  /** Of bad input: everything that is wrong with it. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemDetails>;

/** RFC 9457 problem details for anything that was thrown. What was not expected is logged and not shown. */
export function problemResponse({ logger }: { logger: Logger }, error: unknown): Response {
  if (error instanceof AppError) {
    if (errorStatus[error.code] >= 500)
      logger.warn({ code: error.code, error: messageOf(error) }, 'request failed');
    return problem(error.code, error.message, error.issues);
  }
  logger.error(
    { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined },
    'request failed',
  );
  return problem('internal', 'Gantry failed to answer this request. The server log says why.', []);
}

export function problem(code: ErrorCode, detail: string, errors: InputIssue[] = []): Response {
  const body = describeProblem(code, detail, errors);
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (errorStatus[code] === 503) headers.set('retry-after', '5');
  // The rest of the body may come for ever.
  if (code === 'request_timeout') headers.set('connection', 'close');
  if (code === 'unauthorized') headers.set('www-authenticate', 'Bearer');
  return new Response(JSON.stringify(body), { status: body.status, headers });
}

export function describeProblem(code: ErrorCode, detail: string, errors: InputIssue[] = []): Problem {
  return {
    type: `urn:gantry:problem:${code}`,
    title: titleOf(code),
    status: errorStatus[code],
    code,
    detail,
    ...(errors.length > 0 ? { errors } : {}),
  };
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
