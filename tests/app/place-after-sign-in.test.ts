import { expect, it } from 'vitest';
import { placeAfterSignIn } from '@/app/sign-in/place-after-sign-in';

const after = (next: string) =>
  placeAfterSignIn(`http://gantry.example:3000/sign-in?next=${encodeURIComponent(next)}`);

it.each(['/', '/suites/hello?tab=runs', '/executions/x#log'])('a sign-in leads on to %s', (next) => {
  expect(after(next)).toBe(`http://gantry.example:3000${next}`);
});

it.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/\r\\evil.example',
  '\u0000//evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/.//evil.example',
  '/..//evil.example',
  '//gantry.example@evil.example/',
  '//gantry.example:3001/',
  'evil',
  '',
])('a sign-in never leads to another site: %j', (next) => {
  expect(new URL(after(next)).host).toBe('gantry.example:3000');
});
