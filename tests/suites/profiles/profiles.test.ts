import { describe, expect, it } from 'vitest';
import { profileRequest } from '@/lib/model/managed-profile';
import { profileYaml } from '@/lib/suites/file/schema/profile-yaml';
import { readManagedProfile } from '@/lib/suites/profiles/managed-profile';
import { problemsOf, readValid } from '../suite-folder';

const suite = { 'suite.yaml': 'steps: { api: { kind: task, run: a }, web: { kind: task, run: a } }' };

function profilesOf(files: Record<string, string>) {
  const paths = Object.entries(files).map(([name, content]) => [`profiles/${name}.yaml`, content]);
  return readValid({ ...suite, ...Object.fromEntries(paths) }).profiles;
}

function problemsOfProfiles(files: Record<string, string>) {
  const paths = Object.entries(files).map(([name, content]) => [`profiles/${name}`, content]);
  return problemsOf({ ...suite, ...Object.fromEntries(paths) });
}

describe('profiles', () => {
  it('are one called default when there is no file', () => {
    expect(readValid(suite).profiles).toMatchObject([
      { name: 'default', description: null, default: true, launchable: true, env: {}, steps: {} },
    ]);
  });

  it('take what they extend below their own, through the whole chain, steps included', () => {
    const profiles = profilesOf({
      base: 'launchable: false\nenv: { A: base, B: base, C: base }\nheaders: { X: base }\nsteps: { api: { env: { S: base, T: base } } }',
      middle:
        'extends: base\nenv: { B: middle, C: middle }\nsteps: { api: { env: { T: middle } }, web: { headers: { Y: m } } }',
      top: 'extends: middle\ndefault: true\ndescription: The top.\nenv: { C: top }',
    });
    expect(profiles.map(({ name, default: isDefault, launchable }) => [name, isDefault, launchable])).toEqual(
      [
        ['base', false, false],
        ['middle', false, true],
        ['top', true, true],
      ],
    );
    expect(profiles[2]).toMatchObject({
      description: 'The top.',
      env: { A: 'base', B: 'middle', C: 'top' },
      headers: { X: 'base' },
      steps: { api: { env: { S: 'base', T: 'middle' } }, web: { headers: { Y: 'm' } } },
    });
  });

  it('give secrets to some steps, under other names', () => {
    const [profile] = profilesOf({
      base: 'secrets: [{ key: A, from: launch, steps: [api], as: B }, { key: C, from: "env:C" }]',
    });
    expect(profile?.secrets).toEqual([
      { key: 'A', from: 'launch', steps: ['api'], as: 'B' },
      { key: 'C', from: 'env:C' },
    ]);
  });

  it('have the first launchable one for the default when none says so; an empty file is one', () => {
    const profiles = profilesOf({ a: 'launchable: false', b: '', c: 'name: other' });
    expect(profiles.map(({ name, default: isDefault }) => [name, isDefault])).toEqual([
      ['a', false],
      ['b', true],
      ['other', false],
    ]);
  });

  it.each([
    [
      'a secret for a step that is not there',
      { 'a.yaml': 'secrets: [{ key: A, from: launch, steps: [apii] }]' },
      ['profiles/a.yaml:1:42 secrets[0].steps: expected the id of a step, found "apii"; did you mean "api"?'],
    ],
    [
      'a base that is not there',
      { 'a.yaml': 'extends: bse', 'base.yaml': '' },
      ['profiles/a.yaml:1:10 extends: expected the name of a profile, found "bse"; did you mean "base"?'],
    ],
    [
      'a cycle, told once',
      { 'a.yaml': 'extends: b', 'b.yaml': 'extends: c', 'c.yaml': 'extends: b' },
      [
        'profiles/b.yaml:1:10 extends: expected profiles that end in one without "extends", found a cycle: b → c → b',
      ],
    ],
    [
      'itself for a base',
      { 'a.yaml': 'extends: a' },
      [
        'profiles/a.yaml:1:10 extends: expected profiles that end in one without "extends", found a cycle: a → a',
      ],
    ],
    [
      'the same name twice',
      { 'a.yaml': 'name: x', 'b.yaml': 'env: { A: 1 }\nname: x' },
      ['profiles/b.yaml:2:7 name: expected a name of its own, found "x", which profiles/a.yaml has'],
    ],
    [
      'two defaults',
      { 'a.yaml': 'default: true', 'b.yaml': 'default: true' },
      [
        'profiles/b.yaml:1:10 default: expected one default profile, found a second; profiles/a.yaml is it already',
      ],
    ],
    [
      'a default that cannot be launched',
      { 'a.yaml': 'default: true\nlaunchable: false', 'b.yaml': '' },
      [
        'profiles/a.yaml:1:10 default: expected a default profile that is launchable, found "launchable: false"',
      ],
    ],
    [
      'nothing that can be launched',
      { 'a.yaml': 'launchable: false' },
      ['profiles/a.yaml:1:13 launchable: expected at least one launchable profile, found none'],
    ],
    [
      'a step that is not there',
      { 'a.yaml': 'steps:\n  apii: { env: { A: 1 } }' },
      ['profiles/a.yaml:2:3 steps: expected the id of a step, found "apii"; did you mean "api"?'],
    ],
    [
      'wrong keys, in several files',
      { 'a.yaml': 'descripton: x', 'b.yaml': 'steps: { api: { cwd: a } }', 'c.yaml': '- a' },
      [
        'profiles/a.yaml:1:1 unknown key "descripton"; did you mean "description"?',
        'profiles/b.yaml:1:17 steps.api: unknown key "cwd"; known are env, headers, skip, image, run',
        'profiles/c.yaml:1:1 expected a mapping, found a list',
      ],
    ],
    [
      'names that cannot be any',
      { 'a b.yaml': '', 'c.yml': '' },
      [
        'profiles/a b.yaml:1:1 expected a "name", because the file\'s name "a b" cannot be one',
        'profiles/c.yml:1:1 expected a name that ends in ".yaml", found ".yml"',
      ],
    ],
  ])('are refused with %s', (_what, files, problems) => {
    expect(problemsOfProfiles(files)).toEqual(problems);
  });
});

describe('a profile that comes over the API', () => {
  it('has the keys of a file in profiles/', () => {
    expect(Object.keys(profileRequest.shape).sort()).toEqual(Object.keys(profileYaml.shape).sort());
  });

  it('is read by the rules of a file in profiles/', () => {
    expect(
      readManagedProfile({ env: { A: 1, B: true }, steps: { api: { env: { C: 'x' } } } }, 'mine').fields,
    ).toMatchObject({
      name: 'mine',
      launchable: true,
      env: { A: '1', B: 'true' },
      steps: { api: { env: { C: 'x' } } },
    });
    expect(
      readManagedProfile(
        { env: { GANTRY_A: 'x', B: 'a\0b' }, secrets: [{ key: 'A', from: 'nowhere' }] },
        'mine',
      ),
    ).toEqual({
      fields: null,
      issues: [
        { path: 'env.B', message: 'env.B: expected text without the character NUL, found "a\\u0000b"' },
        {
          path: 'env.GANTRY_A',
          message: 'env: names that begin with GANTRY_ are kept for Gantry itself, found "GANTRY_A"',
        },
        {
          path: 'secrets.0.from',
          message:
            'secrets[0].from: expected where the secret is: "env:NAME", "file:/path", "vault:path#field" or "launch", found "nowhere"',
        },
      ],
    });
  });
});
