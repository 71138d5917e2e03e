import { expect, it } from 'vitest';
import { formatLeft } from '@/app/_components/time';

const hourMs = 3_600_000;

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [hourMs - 1, '59 min'],
  [5.9 * hourMs, '5 h'],
  [47.9 * hourMs, '47 h'],
  [48 * hourMs, '2 days'],
])('%i ms are left as %s', (ms, text) => {
  expect(formatLeft(ms)).toBe(text);
});
