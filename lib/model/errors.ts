/**
 * The closed list of codes that a caller can act on, each with its HTTP status. The API sends the code in
 * the problem details (RFC 9457); nobody branches on a message.
 */
export const errorStatus = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  /** The person of the session has to show again who they are. */
  reauthentication_required: 403,
  not_found: 404,
  suite_not_found: 404,
  execution_not_found: 404,
  step_not_found: 404,
  artifact_not_found: 404,
  case_not_found: 404,
  method_not_allowed: 405,
  /** The body did not come in time. */
  request_timeout: 408,
  conflict: 409,
  idempotency_conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  suite_invalid: 422,
  plan_invalid: 422,
  profile_not_found: 422,
  profile_invalid: 422,
  secret_missing: 422,
  dependency_invalid: 422,
  backend_not_found: 422,
  /** A regular expression that cannot be read. */
  pattern_invalid: 422,
  too_many_requests: 429,
  internal: 500,
  backend_failed: 502,
  image_missing: 502,
  backend_unavailable: 503,
  secret_unavailable: 503,
  dependency_unavailable: 503,
  store_unavailable: 503,
  /** The server could not do it in the time or memory that it gives to one input: try again, or ask for less. */
  overloaded: 503,
  fenced: 409,
  /** An agent's lease ran out, or the job is someone else's by now. */
  stale_fence: 409,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** One thing that is wrong with an input: where, and what in one sentence. */
export interface InputIssue {
  path: string;
  message: string;
}

const brand = Symbol.for('gantry.AppError');

/**
 * A failure that a caller can act on. The message names the thing, what was expected, what came and what to
 * do; it never carries a secret.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly [brand] = true;
  readonly issues: InputIssue[];
  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { cause?: unknown; issues?: InputIssue[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.issues = options.issues ?? [];
  }

  /** Next gives the engine and the route handlers each a copy of this class: an error of one is one of both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits this, and is more than an AppError.
    if (this !== AppError) return Object.prototype.isPrototypeOf.call(this.prototype, Object(value));
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** The store answers, and has no space for what is to be written. */
export class StoreFull extends AppError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('store_unavailable', message, options);
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !error.message) {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
