import type { z } from 'zod';
import type { Clock } from '../clock';
import { authenticate } from '../identity/authenticate';
import { hasRole, type Principal } from '../identity/principal';
import { type SuiteAccess, suiteAccessOf } from '../identity/suite-access';
import { AppError, type InputIssue } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Role } from '../store/store';
import { type AuditedAct, type AuditTrail, createAuditTrail, createFloodGuard } from './audit-trail';
import type { CallerShares } from './caller-shares';
import { checkReauthentication, reauthenticationNeedOf } from './check-reauthentication';
import { checkSuites, type SuiteSources, suiteNeedOf } from './check-suites';
import { problemResponse } from './problem';
import { readBody } from './read-body';
import type { RouteRequest } from './route-request';
import type { RouteResult } from './route-result';
import type { SseWriter } from './sse-writer';
import { toWebResponse } from './web-response';

const defaultBodyBytes = 1024 * 1024;
export const longestParameter = 300;
/** Of what is wrong with one request. */
const mostIssues = 100;

/** What every route needs; the server has more, and handlers get all of it. */
export interface RouteContext extends SuiteSources {
  clock: Clock;
  logger: Logger;
  config: { secureCookies: boolean; reauthenticationMs: number };
  shares: CallerShares;
  /** Writes the streams that routes answer with. */
  sse: SseWriter;
}

export interface RouteOptions<Query, Body> {
  /** Who may ask. `public` routes get a principal only when one was sent. */
  access: Role | 'public';
  /** The path as in `suiteNeeds` and `reauthenticationNeeds`. */
  method?: string;
  path?: string;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** More than 1 MiB of it may come. */
  maxBodyBytes?: number;
  /** A stream: the token may come as `?token=`, because EventSource cannot send headers. */
  stream?: boolean;
  /** The handler looks at the token again: see `TokenStore.find`. */
  tokenMaxAgeMs?: number;
  /** What it does, for the audit log: recorded when it is done, unless the handler records it itself, and when not. */
  audit?: AuditedAct;
}

interface RouteInput<Context, Query, Body> {
  context: Context;
  request: RouteRequest;
  principal: Principal;
  /** The caller's rights to suites. The right to the suite of the request has been checked. */
  suites: SuiteAccess;
  params: Record<string, string>;
  query: Query;
  body: Body;
  audit: AuditTrail;
}

interface RouteCall {
  params: Promise<Record<string, string | string[]>>;
}

/** A route handler as Next documents it. */
export type Handler = (request: Request, call: RouteCall) => Promise<Response>;

/** The route without a server's adapter. Never rejects. */
export type RouteHandler = (request: RouteRequest, call: RouteCall) => Promise<RouteResult>;

/** A route as Next calls it, with what it was made of. */
export type Route = Handler & {
  readonly options: RouteOptions<unknown, unknown>;
  readonly handle: RouteHandler;
};

/** Refusals of nobody in particular that the audit log takes. */
const mostRefusalsAMinute = 120;

const nobody: Principal = { name: 'anonymous', role: 'viewer', via: 'bearer' };

/**
 * Makes the helper that every route handler is written with: opens the server, checks who asks, parses query
 * and body, and turns whatever is thrown into problem details.
 */
export function createRoute<Context extends RouteContext>(open: () => Promise<Context>) {
  let admits: (() => number | null) | undefined;
  return <Query = undefined, Body = undefined>(
    options: RouteOptions<Query, Body>,
    respond: (input: RouteInput<Context, Query, Body>) => Promise<RouteResult>,
  ): Route => {
    const need = suiteNeedOf(options);
    const reauthenticationNeed = reauthenticationNeedOf(options);
    const handle: RouteHandler = async (request, { params }) => {
      const context = await open();
      admits ??= createFloodGuard(context, mostRefusalsAMinute);
      const asked: { principal: Principal | null; subjectId: string } = { principal: null, subjectId: '' };
      const audit = createAuditTrail({ ...context, admits }, options.audit, request, asked);
      let leave = () => {};
      try {
        const { id } = (await params) ?? {};
        asked.subjectId = String(id ?? '').slice(0, longestParameter);
        asked.principal = await authenticate(context, request, {
          allowQuery: options.stream === true,
          maxAgeMs: options.tokenMaxAgeMs ?? 0,
        });
        const grants = need || asked.principal?.onlySuites ? await context.store.grants.list() : [];
        const suites = suiteAccessOf(asked.principal ?? nobody, grants);
        let standsFor: string | null = null;
        const principal = {
          ...admit(asked.principal, request, options.access, need !== null && suites.mayAny(need.right)),
          standing: () => ({ suiteId: standsFor, text: suites.standing(standsFor) }),
        };
        checkReauthentication(context.config, reauthenticationNeed, principal, undefined);
        if (options.stream !== true) leave = await enterShare(context, request, principal);
        const input: RouteInput<Context, Query, Body> = {
          ...{ context, request, principal, suites, audit },
          params: checkParams(await params),
          query: parse(options.query, queryOf(request), 'query'),
          body: options.body
            ? parse(
                options.body,
                await readJson(context, request, options.maxBodyBytes ?? defaultBodyBytes),
                'body',
              )
            : parse(undefined, undefined, 'body'),
        };
        standsFor = await checkSuites(context, options, need, input);
        checkReauthentication(context.config, reauthenticationNeed, principal, input.body);
        const result = await respond(input);
        await audit.done();
        return result;
      } catch (error) {
        await audit.threw(error);
        return problemResponse(context, error);
      } finally {
        leave();
      }
    };
    const call: Handler = async (...given) => toWebResponse(await handle(...given), await open());
    return Object.assign(call, { options, handle });
  };
}

/**
 * Waits for the turn of a caller's request. Resolves with what ends the turn. Streams need none: they answer at once and
 * then cost little. Nor do agents, which wait for work in their requests, many with one token.
 */
export async function enterShare(
  { shares }: Pick<RouteContext, 'shares'>,
  request: Pick<RouteRequest, 'signal'>,
  { tokenId, role }: Pick<Principal, 'tokenId' | 'role'>,
): Promise<() => void> {
  if (tokenId === undefined || role === 'agent') return () => {};
  return shares.enter(tokenId, request.signal);
}

/** With `isGranted`, a grant may allow what the role does not. `checkSuites` decides once the suite is known. */
function admit(
  principal: Principal | null,
  request: RouteRequest,
  access: Role | 'public',
  isGranted: boolean,
): Principal {
  if (access === 'public') return principal ?? nobody;
  if (!principal) {
    throw new AppError('unauthorized', 'This needs a token: send `Authorization: Bearer TOKEN`, or sign in.');
  }
  if (access === 'agent' && principal.via !== 'bearer') {
    throw new AppError('unauthorized', 'This is for agents: send `Authorization: Bearer AGENT_TOKEN`.');
  }
  if (!hasRole(principal, access) && !(access === 'member' && isGranted && principal.role !== 'agent')) {
    throw new AppError('forbidden', `This needs the role ${access}; ${principal.name} is ${principal.role}.`);
  }
  if (principal.via === 'cookie' && !isReading(request) && !isSameOrigin(request)) {
    throw new AppError('forbidden', 'A request from another site may not use this session.');
  }
  return principal;
}

function isReading({ method }: RouteRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Browsers send Sec-Fetch-Site or Origin with every write; a request with neither is not from a page. */
function isSameOrigin(request: RouteRequest): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site) return site === 'same-origin';
  const origin = request.headers.get('origin');
  return origin !== null && URL.canParse(origin) && new URL(origin).host === request.headers.get('host');
}

function queryOf(request: RouteRequest): Record<string, string> {
  if (!request.url.includes('?')) return {};
  const query = Object.fromEntries(new URL(request.url).searchParams);
  delete query.token;
  refuseUnstorable(query, 'query');
  return query;
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
function refuseUnstorable(value: unknown, where: string): void {
  const found = JSON.stringify(value)?.match(/(?<!\\)(?:\\\\)*(\\u0000|\\ud[89a-f][0-9a-f]{2})/i)?.[1];
  if (found)
    throw new AppError('bad_request', `The ${where} is not valid: no text may have a ${found} in it.`);
}

/** A catch-all (the id of a nested step) comes as its labels; a path without parameters as undefined. */
function checkParams(params: Record<string, string | string[]> = {}): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, given] of Object.entries(params)) {
    const value = Array.isArray(given) ? given.join('/') : given;
    if (value.length > longestParameter || value.includes('\0')) {
      throw new AppError(
        'bad_request',
        `The ${name} in the path is not valid: expected at most ${longestParameter} characters, no NUL.`,
      );
    }
    checked[name] = value;
  }
  return checked;
}

async function readJson(
  deps: { clock: Clock },
  request: RouteRequest,
  maxBodyBytes: number,
): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new AppError(
      'unsupported_media_type',
      `Expected content-type application/json, found ${type ?? 'none'}.`,
    );
  }
  const text = (await readBody(deps, request, maxBodyBytes)).toString('utf8');
  const value = parseJson(text);
  // JSON has them as escapes only.
  if (text.includes('\\u')) refuseUnstorable(value, 'body');
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('bad_request', 'The request body is not valid JSON.', { cause: error });
  }
}

function parse<T>(schema: z.ZodType<T> | undefined, value: unknown, where: string): T {
  // Without a schema, T is undefined and so is what the handler gets.
  if (!schema) return undefined as T;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues: InputIssue[] = result.error.issues.slice(0, mostIssues).map((issue) => ({
    path: issue.path.join('.') || where,
    message: issue.message,
  }));
  const first = issues[0];
  throw new AppError('bad_request', `The ${where} is not valid: ${first?.path}: ${first?.message}.`, {
    issues,
  });
}
