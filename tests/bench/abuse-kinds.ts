export const abusePerSecond = 200;

export interface AbusiveRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** It is a stream that stays open until there are too many. */
  isStream?: boolean;
}

const megabyte = 1024 * 1024;

/** One request of each kind in turn: what is expensive to answer, what is too large, what nobody may, and what stays. */
export function abusiveRequests(executionId: string, token: string): readonly (() => AbusiveRequest)[] {
  const own = { authorization: `Bearer ${token}` };
  const json = { ...own, 'content-type': 'application/json' };
  const execution = `/api/v1/executions/${executionId}`;
  const env = Object.fromEntries(
    Array.from({ length: 28 }, (_, at) => [`VARIABLE_${at}`, 'x'.repeat(9_000)]),
  );
  const preview = JSON.stringify({ suiteId: 'large', backend: 'process', env });
  const tooLarge = JSON.stringify({ suiteId: 'large', labels: { a: 'x'.repeat(megabyte) } });
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  let number = 0;
  const get = (path: string, headers: Record<string, string> = own): AbusiveRequest => ({
    ...{ method: 'GET', path, headers },
  });
  const post = (path: string, body: string): AbusiveRequest => ({
    ...{ method: 'POST', path, headers: json, body },
  });
  const stream = (path: string): AbusiveRequest => ({
    ...get(path, { ...own, accept: 'text/event-stream' }),
    isStream: true,
  });
  return [
    () => post('/api/v1/executions/preview', preview),
    () => get(`${execution}/logs?q=no%20such%20text%20${number++}`),
    () => get('/api/v1/executions?limit=200', { authorization: `Bearer gantry_api_${number++}` }),
    () => post('/api/v1/executions/preview', tooLarge),
    () => stream('/api/v1/engine/overview/stream'),
    () => get(`${execution}/logs?format=text`),
    () => get('/api/v1/executions?limit=200'),
    () => post('/api/v1/session', JSON.stringify({ token: `gantry_in_${number++}` })),
    () => post('/api/v1/executions/preview', nested),
    () => stream(`${execution}/logs`),
    () => get(`${execution}/junit`),
    () => get('/api/v1/audit/export'),
    () => get(`/api/v1/cases?q=${'a%25'.repeat(60)}${number++}`),
    () => post('/api/v1/streams', '{"subscriptions": 1}'),
  ];
}
