import { expect, it } from 'vitest';
import { parseQuantity } from '@/lib/backends/kubernetes/quantity';

it.each<[string, number | null]>([
  ['0', 0],
  ['250m', 0.25],
  ['1500000n', 0.0015],
  ['2', 2],
  ['1.5Gi', 1.5 * 1024 ** 3],
  ['128Mi', 128 * 1024 ** 2],
  ['5k', 5_000],
  ['1e3', 1_000],
  ['12Xi', null],
  ['', null],
  ['Mi', null],
])('reads %s', (text, value) => {
  const parsed = parseQuantity(text);
  if (value === null) expect(parsed).toBeNull();
  else expect(parsed).toBeCloseTo(value, 9);
});
