import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createLaunchSuites } from '@/lib/engine/launch-suites';
import { createManagedProfiles } from '@/lib/engine/managed-profiles';
import { createSuiteDirectory } from '@/lib/engine/suite-directory';
import { checkMayName } from '@/lib/identity/secret-names';
import { AppError } from '@/lib/model/errors';
import { makePlan } from '@/lib/planning/make-plan';
import { overlayProfiles } from '@/lib/planning/overlay-profiles';
import type { Store } from '@/lib/store/store';
import { openSuiteRoot } from '../dependencies/suite-roots';
import { openTestStore, silentLogger } from '../support/database';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await openTestStore());
});
afterAll(() => close());

const files = {
  'suite.yaml': 'steps: { a: { kind: task, run: a, env: { A: step } } }',
  'profiles/base.yaml': 'launchable: false\nenv: { A: base, B: base }',
  'profiles/day.yaml':
    'default: true\nextends: base\nenv: { B: day }\nsecrets: [{ key: T, from: "env:DAY" }]',
};

/** A suite of its own for each test: the store is shared. */
function open(id: string, given: Record<string, string> = files) {
  const root = openSuiteRoot({ [id]: given });
  const profiles = createManagedProfiles({ clock: systemClock, store, catalog: root.catalog });
  const directory = createSuiteDirectory({ ...root, store });
  return {
    ...root,
    profiles,
    directory,
    make: (request: Parameters<typeof profiles.save>[2]) => profiles.save(id, null, request, 'ada'),
    async planned(profile: string | null) {
      const suite = overlayProfiles(await root.suite(id), await store.profiles.list(id));
      return makePlan(suite, { profile, platformEnv: {}, env: {} });
    },
  };
}

describe('a managed profile', () => {
  it('lies above the profile of the package that it extends', async () => {
    const { make, planned } = open('above');
    await make({ name: 'night', extends: 'day', env: { B: 'night', N: 1.5, ON: true } });
    await make({
      name: 'late',
      extends: 'night',
      steps: { a: { env: { A: 'late' } } },
      secrets: [{ key: 'T', from: 'env:LATE' }],
    });
    const [node] = (await planned('late')).nodes;
    expect(node?.env).toEqual({ A: 'late', B: 'night', N: '1.5', ON: 'true' });
    expect(node?.secrets).toEqual([{ key: 'T', from: 'env:LATE' }]);
    expect((await planned(null)).profile).toBe('day');
  });

  it('is the default when it says so, instead of the one before it', async () => {
    const { make, planned, directory, profiles } = open('default');
    await make({ name: 'one', default: true });
    expect((await planned(null)).profile).toBe('one');
    await make({ name: 'two', default: true });
    expect((await planned(null)).profile).toBe('two');
    const { profiles: listed } = await directory.get('default');
    expect(listed.filter((each) => each.default)).toEqual([
      { name: 'two', default: true, launchable: true, managed: true },
    ]);
    await profiles.save('default', 'two', { default: false, env: { A: '2' } }, 'grace');
    expect((await planned(null)).profile).toBe('day');
    expect(await store.profiles.list('default')).toMatchObject([
      { name: 'one', changedBy: 'ada' },
      { name: 'two', changedBy: 'grace', env: { A: '2' } },
    ]);
  });

  it('can be launched like any other', async () => {
    const root = open('launch');
    await root.make({ name: 'extra', description: 'More' });
    const backends = { options: async () => [], get: async () => null };
    const launchSuites = createLaunchSuites({ ...root, store, backends, logger: silentLogger });
    expect(await launchSuites()).toMatchObject([
      {
        id: 'launch',
        profiles: [
          { name: 'day', default: true },
          { name: 'extra', description: 'More' },
        ],
      },
    ]);
  });

  it('is removed, but not under the feet of one that extends it', async () => {
    const { make, profiles } = open('remove');
    await make({ name: 'low' });
    await make({ name: 'high', extends: 'low' });
    await expect(profiles.remove('remove', 'low')).rejects.toMatchObject({ code: 'conflict' });
    await profiles.remove('remove', 'high');
    await profiles.remove('remove', 'low');
    await expect(profiles.remove('remove', 'low')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused with a reason', async () => {
    const { make } = open('refused');
    const refusals: [Parameters<typeof make>[0], string, string][] = [
      [
        { name: 'day' },
        'name',
        'the suite\'s package has a profile "day"; a managed one needs a name of its own',
      ],
      [{ name: 'x', extends: 'y' }, 'extends', 'there is no profile "y"; there are base, day'],
      [{ name: 'x', extends: 'x' }, 'extends', 'profiles extend each other in a cycle: x → x'],
      [{ name: 'x', steps: { b: {} } }, 'steps.b', 'the suite refused has no step "b"'],
      [{ name: 'x', env: { 'A=B': 'a' } }, 'env.A=B', 'expected the name of a variable'],
      [
        { name: 'x', default: true, launchable: false },
        'default',
        'expected a default profile that is launchable',
      ],
      [
        { name: 'x', secrets: [{ key: 'A', from: 'gopher:x' }] },
        'secrets.0.from',
        'expected where the secret is',
      ],
      [{}, 'name', 'expected a name, found none'],
    ];
    for (const [request, path, message] of refusals) {
      const refused = await make(request).catch((error: AppError) => error);
      expect(refused).toMatchObject({ code: 'profile_invalid' });
      expect(refused instanceof AppError && refused.issues).toContainEqual({
        path,
        message: expect.stringContaining(message),
      });
    }
    expect(await store.profiles.list('refused')).toEqual([]);
  });

  it('is refused when there is one of that name, and changed only when there is', async () => {
    const { make, profiles } = open('twice');
    await make({ name: 'one' });
    await expect(make({ name: 'one' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(profiles.save('twice', 'other', {}, 'ada')).rejects.toMatchObject({ code: 'not_found' });
    await expect(profiles.save('nobody', null, { name: 'a' }, 'ada')).rejects.toMatchObject({
      code: 'suite_not_found',
    });
  });

  it('is left out, and not in the way, when the package no longer has what it extends', async () => {
    const { make } = open('stale');
    await make({ name: 'bound', extends: 'base' });
    const { 'profiles/base.yaml': _, 'profiles/day.yaml': __, ...without } = files;
    const { directory, planned } = open('stale', without);
    expect((await directory.get('stale')).profiles.map(({ name }) => name)).toEqual(['default']);
    expect((await planned(null)).profile).toBe('default');
  });

  it('is left out when the package gets one of its name', async () => {
    const { make } = open('taken');
    await make({ name: 'night', env: { A: 'managed' } });
    const { directory } = open('taken', { ...files, 'profiles/night.yaml': 'env: { A: file }' });
    const { profiles, profileDetails, managedProfiles } = await directory.get('taken');
    expect(profiles.filter(({ name }) => name === 'night')).toMatchObject([{ managed: false }]);
    expect(profileDetails.find(({ name }) => name === 'night')?.env).toEqual({ A: 'file' });
    expect(managedProfiles).toHaveLength(1);
  });

  it('may name secrets only when an admin makes it', () => {
    const secrets = [{ key: 'A', from: 'file:/etc/shadow' }];
    expect(() => checkMayName({ name: 'ada', role: 'member', via: 'bearer' }, secrets)).toThrow(
      'needs the role admin',
    );
    expect(() => checkMayName({ name: 'ada', role: 'admin', via: 'bearer' }, secrets)).not.toThrow();
    expect(() => checkMayName({ name: 'ada', role: 'member', via: 'bearer' }, [])).not.toThrow();
  });
});

describe('the list of suites', () => {
  it('has each suite with its topology, and what is wrong at its line', async () => {
    const root = openSuiteRoot({
      fine: files,
      broken: 'steps:\n  a: { kind: task, run: a, after: [b] }',
      nested: {
        'suite.yaml': 'steps: { child: { kind: suite, ref: child } }',
        'dependencies.yaml': '\nchild: fine:9.0.0\n',
      },
    });
    const directory = createSuiteDirectory({ ...root, store });
    expect(await directory.list()).toMatchObject([
      { id: 'broken', valid: false, problems: [{ file: 'suite.yaml', line: 2, column: 36 }] },
      { id: 'fine', valid: true, problems: [], steps: 1, kinds: { task: 1 } },
      {
        id: 'nested',
        valid: false,
        problems: [
          { file: 'dependencies.yaml', line: 2, message: expect.stringContaining('no version 9.0.0') },
        ],
      },
    ]);
    expect(await directory.get('fine')).toMatchObject({
      topology: [{ id: 'a', kind: 'task' }],
      files: [{ path: 'profiles/base.yaml' }, { path: 'profiles/day.yaml' }, { path: 'suite.yaml' }],
    });
    await expect(directory.get('nobody')).rejects.toMatchObject({ code: 'suite_not_found' });
  });
});
