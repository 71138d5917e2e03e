import { expect, it } from 'vitest';
import { publicOrigin } from '@/lib/http/public-origin';

it.each([
  [{ host: '127.0.0.1:3000' }, 'http://127.0.0.1:3000'],
  [{ host: 'Gantry.example', 'x-forwarded-proto': 'https' }, 'https://Gantry.example'],
  [
    { host: 'inner:3000', 'x-forwarded-host': 'ci.example, proxy', 'x-forwarded-proto': 'https, http' },
    'https://ci.example',
  ],
  [{ host: 'a.example/path' }, null],
  [{ host: 'user@a.example' }, null],
  [{ host: 'a b' }, null],
  [{}, null],
])('the origin that a client reached with %j is %s', (headers, origin) => {
  expect(publicOrigin(new Headers(headers as Record<string, string>))).toBe(origin);
});
