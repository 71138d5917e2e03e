import { describe, expect, it } from 'vitest';
import { matchesPattern } from '@/lib/model/match-pattern';
import type { Trigger } from '@/lib/model/trigger';
import { fieldOf, mapMessage } from '@/lib/triggers/map-message';

const trigger: Trigger = {
  id: 't',
  name: 'pushes',
  provider: 'github',
  secretFrom: 'env:S',
  suiteId: 'shop',
  profile: null,
  backend: null,
  events: [],
  when: {},
  profileFrom: null,
  env: {},
  labels: {},
  enabled: true,
  createdAt: '',
  changedAt: '',
  changedBy: '',
};
const map = (change: Partial<Trigger>, payload: unknown, event: string | null = 'push') =>
  mapMessage({ ...trigger, ...change }, { payload, event, key: 'k' });

describe('a message to a trigger', () => {
  it('gives profile, env and labels from its fields, and leaves out what it does not have', () => {
    const payload = {
      ref: 'refs/heads/main',
      after: 'abc',
      commits: [{ id: 1 }],
      deep: { a: { b: true } },
      s: null,
    };
    expect(
      map(
        {
          profile: 'quick',
          backend: 'local',
          profileFrom: 'profile',
          env: {
            REF: 'ref',
            FIRST: 'commits.0.id',
            FLAG: 'deep.a.b',
            NONE: 'deep.c',
            OBJECT: 'deep',
            NULL: 's',
          },
          labels: { commit: 'after', trigger: 'ref' },
        },
        payload,
      ),
    ).toEqual({
      launch: {
        suiteId: 'shop',
        profile: 'quick',
        backend: 'local',
        env: { REF: 'refs/heads/main', FIRST: '1', FLAG: 'true' },
        labels: { commit: 'abc', trigger: 'pushes' },
      },
    });
    expect(map({ profile: 'quick', profileFrom: 'after' }, payload)).toMatchObject({
      launch: { profile: 'abc' },
    });
  });

  it('is ignored when its event or a field is none of those that are waited for', () => {
    const main = { when: { ref: 'refs/heads/*' }, events: ['push'] };
    expect(map(main, { ref: 'refs/heads/x' })).toHaveProperty('launch');
    expect(map(main, { ref: 'refs/tags/1' })).toEqual({
      ignored: 'ref is refs/tags/1; expected refs/heads/*.',
    });
    expect(map(main, {})).toEqual({ ignored: 'ref is not there; expected refs/heads/*.' });
    expect(map(main, { ref: 'refs/heads/x' }, 'issues')).toEqual({
      ignored: 'Its event is issues; the trigger waits for push.',
    });
    expect(map({}, { zen: 'x' }, 'ping')).toHaveProperty('ignored');
  });

  it('gives nothing of what is inherited, and nothing that cannot be stored', () => {
    expect(fieldOf({}, 'constructor.name')).toBeNull();
    expect(fieldOf('text', 'length')).toBeNull();
    expect(fieldOf({ a: 'x\0y\ud800' }, 'a')).toBe('xy\ufffd');
    const long = map({ labels: { a: 'a' } }, { a: 'x'.repeat(1_000) });
    expect('launch' in long && long.launch.labels?.a).toHaveLength(255);
  });

  it.each([
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c', false],
    ['**', 'x', true],
  ])('matches %s with %s: %s', (pattern, text, isMatch) => {
    expect(matchesPattern(pattern, text)).toBe(isMatch);
  });
});
