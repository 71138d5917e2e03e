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
}

/** Requests something of the API as the signed-in person. Rejects with an `ApiError`, or with a plain Error when nothing answers. */
export async function apiFetch<T>(path: string, init: ApiRequest = {}): Promise<T> {
  const { method = 'GET' } = init;
  const { isReading = method === 'GET' } = init;
  const response = await fetch(path, {
    method,
    headers: { accept: 'application/json', ...(init.body ? { 'content-type': 'application/json' } : {}) },
    ...(init.body ? { body: JSON.stringify(init.body) } : {}),
  }).catch(() => {
    const what = isReading
      ? ''
      : ' The request may or may not have been carried out; check before you retry.';
    throw new Error(`Gantry does not answer. It may be restarting, or this machine is offline.${what}`);
  });
  if (response.status === 401) goToSignIn();
  if (!response.ok) throw await apiErrorOf(response);
  return response.status === 204 ? (undefined as T) : response.json();
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
