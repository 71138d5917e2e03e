import { describe, expect, it } from 'vitest';
import type { Backend, BackendRegistry } from '@/lib/backends/backend';
import { createFakeBackend } from '@/lib/backends/fake/fake-backend';
import { chooseBackend } from '@/lib/engine/choose-backend';
import { createFakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';

interface Given {
  default?: boolean;
  /** Why it is not available. */
  away?: string;
  refuses?: string;
}

function registry(given: Record<string, Given>): BackendRegistry {
  const clock = createFakeClock();
  const backends = new Map<string, Backend>(
    Object.entries(given).map(([id, { refuses }]) => [
      id,
      createFakeBackend({ clock }, {}, { id, ...(refuses ? { refuses: () => refuses } : {}) }),
    ]),
  );
  return {
    options: async () =>
      Object.entries(given).map(([id, each]) => ({
        id,
        label: id,
        kind: 'local',
        default: each.default ?? false,
        available: each.away === undefined,
        reason: each.away ?? null,
      })),
    get: async (id) => backends.get(id) ?? null,
  };
}

const chosen = async (given: Record<string, Given>, requested?: string) =>
  (await chooseBackend({ backends: registry(given) }, requested, makePlan())).id;

describe('the backend of a launch', () => {
  it.each<[string, Record<string, Given>, string | undefined, string]>([
    ['the one that is asked for, not the default', { a: { default: true }, b: {} }, 'b', 'b'],
    ['the default', { a: {}, b: { default: true } }, undefined, 'b'],
    ['the default for auto', { a: {}, b: { default: true } }, 'auto', 'b'],
    ['the default for nothing', { a: {}, b: { default: true } }, '', 'b'],
    [
      'the first available one when the default is away',
      { a: { default: true, away: 'gone' }, b: { away: 'x' }, c: {} },
      undefined,
      'c',
    ],
    [
      'the first that does not refuse the plan',
      { a: { default: true, refuses: 'needs an image' }, b: {} },
      undefined,
      'b',
    ],
    ['the first one where none is the default', { a: {}, b: {} }, undefined, 'a'],
  ])('is %s', async (_which, given, requested, id) => {
    expect(await chosen(given, requested)).toBe(id);
  });

  it.each<[string, Record<string, Given>, string | undefined, string, string]>([
    [
      'is not known',
      { a: {}, b: {} },
      'c',
      'backend_not_found',
      'There is no backend `c`. Known backends: `a`, `b`.',
    ],
    [
      'is not known where there is none',
      {},
      'c',
      'backend_not_found',
      'There is no backend `c`. Known backends: none.',
    ],
    [
      'is away',
      { a: { away: 'Docker does not answer.' }, b: {} },
      'a',
      'backend_unavailable',
      'The backend `a` is not available: Docker does not answer.',
    ],
    [
      'can never run the plan, away or not',
      { a: { away: 'gone', refuses: 'db needs the image postgres:16.' } },
      'a',
      'plan_invalid',
      'db needs the image postgres:16.',
    ],
    [
      'cannot be found among those there are',
      { a: { away: 'gone.' }, b: { default: true, refuses: 'no.' } },
      undefined,
      'backend_unavailable',
      'No backend can run this suite now. `b`: no. `a`: gone.',
    ],
    [
      'is not configured',
      {},
      undefined,
      'backend_unavailable',
      'No backend can run this suite now. None is configured.',
    ],
  ])('is refused with its reason when it %s', async (_how, given, requested, code, message) => {
    await expect(chosen(given, requested)).rejects.toMatchObject({ code, message });
  });
});
