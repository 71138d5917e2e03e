import { expect, it } from 'vitest';
import { jsonOrUnchanged } from '@/lib/http/json-or-unchanged';

const ask = (headers: Record<string, string> = {}) => new Request('http://gantry/', { headers });

it('answers the value once, and 304 as long as it is the same', async () => {
  const first = jsonOrUnchanged(ask(), { a: 1 });
  expect([first.status, first.headers.get('content-type'), await first.json()]).toEqual([
    200,
    'application/json',
    { a: 1 },
  ]);
  const etag = first.headers.get('etag') ?? '';
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const same = jsonOrUnchanged(ask({ 'if-none-match': known }), { a: 1 });
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
  }
  const changed = jsonOrUnchanged(ask({ 'if-none-match': etag }), { a: 2 });
  expect([changed.status, await changed.json()]).toEqual([200, { a: 2 }]);
});
