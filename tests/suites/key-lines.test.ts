import { describe, expect, it } from 'vitest';
import { placeOfKey } from '@/lib/model/key-lines';
import { findKeyLines } from '@/lib/suites/key-lines';

const text = `title: Shop
timeout: 5m
defaults:
  image: node:22
  timeout: 30s

steps:
  # The database.
  db:
    kind: service
    ready: { tcp: 5432 }
  migrate:
    kind: task
    run: |
      echo timeout: 1s
    resources:
      cpu: 1
      memory: 64Mi
  short: { kind: task, run: 'true' }
`;
const suites = [
  { prefix: '', file: 'suite.yaml', ...findKeyLines(text) },
  { prefix: 'pay/', file: 'payments/suite.yaml', ...findKeyLines(text) },
];

describe('the line of a key', () => {
  it.each([
    ['db', null, 9],
    ['db', 'ready.timeout', 11],
    ['db', 'timeout', 5],
    ['migrate', 'run', 14],
    ['migrate', 'resources.memory', 18],
    ['migrate', 'suite timeout', 2],
    ['migrate', 'expect_exit', 12],
    ['short', 'run', 19],
  ])('of %s: %s is %d', (step, key, line) => {
    expect(placeOfKey(suites, step, key)).toEqual({ file: 'suite.yaml', line });
  });

  it('is in the file of the nested suite', () => {
    expect(placeOfKey(suites, 'pay/migrate', 'run')).toEqual({ file: 'payments/suite.yaml', line: 14 });
  });

  it('is unknown of steps that the file does not show in block style', () => {
    const flow = [{ prefix: '', file: 'suite.yaml', ...findKeyLines('steps: { a: { kind: task } }') }];
    expect(placeOfKey(flow, 'a', 'run')).toBeNull();
    expect(placeOfKey(suites, 'constructor', 'run')).toBeNull();
    expect(placeOfKey(null, 'a', 'run')).toBeNull();
  });
});
