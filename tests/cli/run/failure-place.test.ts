import { expect, it } from 'vitest';
import { findFailurePlace } from '@/lib/cli/run/failure-place';

it.each([
  [
    'Node',
    'Error: no\n  at node:internal/a.js:3:1\n  at run (/suite/a/cart.test.js:14:9)',
    'it/a/cart.test.js',
    14,
  ],
  ['Node with a URL', '    at file:///suite/cart.test.mjs:7:3', 'it/cart.test.mjs', 7],
  ['Go', '    cart_test.go:21: expected 3', 'it/cart_test.go', 21],
  ['pytest', 'tests/test_cart.py:9: AssertionError', 'it/tests/test_cart.py', 9],
  ['Python', '  File "/suite/tests/test_cart.py", line 12, in test', 'it/tests/test_cart.py', 12],
  ['Java', '\tat shop.CartTest.pays(CartTest.java:33)', 'it/CartTest.java', 33],
  [
    'a library first',
    'at x (/suite/node_modules/chai/index.js:9:1)\nat y (/suite/b.test.ts:4:2)',
    'it/b.test.ts',
    4,
  ],
  ['outside of the suite', 'at /elsewhere/c.test.ts:4:2', '/elsewhere/c.test.ts', 4],
])('finds the line in what %s says', (_, output, file, line) => {
  expect(findFailurePlace({ message: 'expected 3', output }, 'it')).toEqual({ file, line });
});

it('finds none where there is none', () => {
  const output = 'http://api:8080 answered 500 at 12:30:01 with ratio 3:4 in 2.5:1';
  expect(findFailurePlace({ message: null, output }, 'it')).toBeNull();
  expect(findFailurePlace({ message: 'no', output: null }, '')).toBeNull();
});
