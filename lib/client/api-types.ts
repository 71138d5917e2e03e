import type { z } from 'zod';
import type * as access from '../http/operations/access';
import type * as agents from '../http/operations/agents';
import type * as cases from '../http/operations/cases';
import type * as executions from '../http/operations/executions';
import type * as grants from '../http/operations/grants';
import type * as people from '../http/operations/people';
import type * as platform from '../http/operations/platform';
import type * as sandboxes from '../http/operations/sandboxes';
import type * as schedules from '../http/operations/schedules';
import type * as suites from '../http/operations/suites';
import type * as triggers from '../http/operations/triggers';
import type * as webhooks from '../http/operations/webhooks';

type MemberOf<Module> = Module[keyof Module];

/** Every operation of the API that people and programs call, from the descriptions that its routes are made of. */
type ApiOperation =
  | MemberOf<typeof access>
  | MemberOf<typeof agents>
  | MemberOf<typeof cases>
  | MemberOf<typeof executions>
  | MemberOf<typeof grants>
  | MemberOf<typeof people>
  | MemberOf<typeof platform>
  | MemberOf<typeof sandboxes>
  | MemberOf<typeof schedules>
  | MemberOf<typeof suites>
  | MemberOf<typeof triggers>
  | MemberOf<typeof webhooks>;

export type ApiMethod = ApiOperation['method'];

/** The paths that a method has, with parameters in braces. */
export type ApiPath<M extends ApiMethod> = Extract<ApiOperation, { method: M }>['path'];

type OperationAt<M extends ApiMethod, P> = Extract<ApiOperation, { method: M; path: P }>;

type JsonOf<A> = A extends { json: infer S extends z.ZodType } ? z.output<S> : never;
type EventsOf<A> = A extends { events: infer S extends z.ZodType } ? z.output<S> : never;
type AnswersOf<O> = O extends { answers: infer A } ? A[keyof A] : never;

/** The JSON that an operation answers with; undefined when it has none. */
export type ApiAnswer<M extends ApiMethod, P> = [JsonOf<AnswersOf<OperationAt<M, P>>>] extends [never]
  ? undefined
  : JsonOf<AnswersOf<OperationAt<M, P>>>;

/** The data of one item of an operation's stream. */
export type ApiEvent<P> = EventsOf<AnswersOf<OperationAt<'GET', P>>>;

type ParameterIn<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | ParameterIn<Rest> : never;
type Optional<T> = { [K in keyof T]?: T[K] | undefined };

type WithParameters<P> = [ParameterIn<P>] extends [never]
  ? { params?: undefined }
  : { params: Record<ParameterIn<P>, string> };
type WithQuery<O> = O extends { query: infer Q extends z.ZodType }
  ? { query?: Optional<Record<keyof z.input<Q>, string | number>> }
  : { query?: undefined };
type WithBody<O> = O extends { body: infer B extends z.ZodType }
  ? { body: z.input<B> }
  : { body?: undefined };

/** What one call takes beside its path. */
export type CallOptions<M extends ApiMethod, P> = WithParameters<P> &
  WithQuery<OperationAt<M, P>> &
  WithBody<OperationAt<M, P>> & {
    headers?: Record<string, string>;
    signal?: AbortSignal;
    /** How long a control plane that does not answer is asked again; default: not at all. */
    retryForMs?: number;
  };
