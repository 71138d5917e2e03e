import { reauthenticate } from './reauthenticate';

/** The problem details of a failed API request. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly issues: { path: string; message: string }[],
  ) {
    super(message);
  }
}

interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: object;
  /** Whether it changes nothing on the server, as every GET. */
  isReading?: boolean;
  /** Whether the server does the same when it comes twice, as every method but POST. */
  isIdempotent?: boolean;
  /** Makes a launch idempotent: see `newIdempotencyKey`. */
  idempotencyKey?: string;
  /** Who aborts it does not want the answer any more: `apiFetch` then rejects with the reason. */
  signal?: AbortSignal;
}

/**
 * Browsers drop what is under way when any network of the machine comes or goes, as Docker's do all the time
 * (ERR_NETWORK_CHANGED). An idempotent request is sent again after these pauses.
 */
const retryDelaysMs = [300, 1_000];

/**
 * Requests something of the API as the signed-in person, who is asked again who they are where it needs that. Rejects with an
 * `ApiError`, or with a plain Error when nothing answers.
 */
export async function apiFetch<T>(path: string, init: ApiRequest = {}): Promise<T> {
  try {
    return await requestOnce(path, init);
  } catch (error) {
    const isNeeded = error instanceof ApiError && error.code === 'reauthentication_required';
    if (!isNeeded || !(await reauthenticate())) throw error;
    // Nothing was done the first time.
    return requestOnce(path, init);
  }
}

async function requestOnce<T>(path: string, init: ApiRequest): Promise<T> {
  const { method = 'GET', body, idempotencyKey, signal } = init;
  const { isReading = method === 'GET' } = init;
  const { isIdempotent = isReading || method !== 'POST' || idempotencyKey !== undefined } = init;
  const headers = {
    accept: 'application/json',
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
  };
  const send = async () => {
    try {
      const answer = await fetch(path, {
        ...{ method, headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      });
      // An answer that is cut off is none.
      const text = await answer.text();
      return new Response(text === '' ? null : text, answer);
    } catch {
      signal?.throwIfAborted();
      return null;
    }
  };
  let response = await send();
  let retries = 0;
  for (const pause of isIdempotent ? retryDelaysMs : []) {
    if (response) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    response = await send();
    retries += 1;
  }
  if (!response) {
    const what = isReading
      ? ''
      : ' The request may or may not have been carried out; check before you retry.';
    throw new Error(`Gantry does not answer. It may be restarting, or this machine is offline.${what}`);
  }
  if (response.status === 401) goToSignIn();
  // The first one was carried out, and its answer was lost.
  if (response.status === 404 && method === 'DELETE' && retries > 0) return undefined as T;
  if (!response.ok) throw await apiErrorOf(response);
  return response.status === 204 ? (undefined as T) : response.json();
}

/** A key for one launch: a second request with it is answered with the execution of the first. Also without HTTPS. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** Sends the browser to the sign-in page, which returns here afterwards. */
export function goToSignIn(): void {
  if (location.pathname === '/sign-in') return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

export async function apiErrorOf(response: Response): Promise<ApiError> {
  const problem = await response.json().catch(() => ({}));
  return new ApiError(
    response.status,
    problem.code ?? 'unknown',
    problem.detail ?? `The server answered ${response.status}.`,
    problem.errors ?? [],
  );
}
