import { describe, expect, it } from 'vitest';
import { groupFailures } from '@/app/(console)/executions/[id]/failure-groups';

function failure(name: string, message: string | null) {
  return { suite: 'checkout', name, status: 'failed' as const, durationMs: 1, message, output: null };
}

describe('failing cases', () => {
  it('are grouped by what they say, whatever the values in it, the largest group first', () => {
    const groups = groupFailures([
      failure('a', 'timeout'),
      failure('b', 'expected 200, got 502\n  at line 3'),
      failure('c', 'expected 201, got 502'),
      failure('d', 'no row for "ada" in 0xdeadbeef'),
      failure('e', 'no row for "bob" in 0xcafebabe'),
      failure('f', 'expected 204, got 500'),
    ]);
    expect(groups.map(({ message, failures }) => [message, failures.map(({ name }) => name)])).toEqual([
      ['expected 200, got 502', ['b', 'c', 'f']],
      ['no row for "ada" in 0xdeadbeef', ['d', 'e']],
      ['timeout', ['a']],
    ]);
  });

  it('stand alone when they say nothing', () => {
    expect(groupFailures([failure('a', null), failure('b', null)])).toHaveLength(2);
  });
});
