import { appendFileSync, chmodSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSuite } from '@/lib/suites/read-suite';
import { makeRoot, makeSuiteFolder, problemsOf } from '../suites/suite-folder';
import { openSuiteRoot } from './suite-roots';

const leaf = (version = '1.0.0') => `version: ${version}\nsteps: { a: { kind: task, run: a } }`;
const nests = (alias: string, dependencies: string, more = '') => ({
  'suite.yaml': `version: 1.0.0\nsteps:\n  ${alias}: { kind: suite, ref: ${alias} }\n${more}`,
  'dependencies.yaml': dependencies,
});

describe('a locked dependency', () => {
  it('that changed by a byte stops the launch, naming the file', async () => {
    const root = openSuiteRoot({ outer: nests('child', 'child: child:1.0.0\n'), child: leaf() });
    writeFileSync(path.join(root.root, 'child', 'data.txt'), 'abc');
    await root.lock('outer');
    expect((await root.plan('outer')).nodes).toHaveLength(1);
    writeFileSync(path.join(root.root, 'child', 'data.txt'), 'abd');
    expect(await root.refusal('outer')).toEqual([
      'dependency_invalid dependencies.yaml:1:1: child: child:1.0.0 is not what was locked: data.txt was changed; undo that, or lock it as it is with "gantry lock"',
    ]);
    rmSync(path.join(root.root, 'child', 'data.txt'));
    writeFileSync(path.join(root.root, 'child', 'other.txt'), '');
    expect((await root.refusal('outer')).join()).toContain('other.txt was added, data.txt was removed');
  });

  it('has the same digest in two checkouts with other times, umask and order of files', () => {
    const files = { 'suite.yaml': leaf(), 'b/two.txt': '2', 'a.sh': '#!/bin/sh', 'z.txt': 'z' };
    const one = makeSuiteFolder(files, path.join(makeRoot(), 'demo'));
    const umask = process.umask(0o077);
    const other = makeSuiteFolder(
      Object.fromEntries(Object.entries(files).reverse()),
      path.join(makeRoot(), 'demo'),
    );
    process.umask(umask);
    for (const folder of [one, other]) chmodSync(path.join(folder, 'a.sh'), folder === one ? 0o755 : 0o700);
    utimesSync(path.join(other, 'z.txt'), 1, 1);
    const digests = [one, other].map((folder) => readSuite(folder).entry.suite?.packageDigest);
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digests[1]).toBe(digests[0]);
    chmodSync(path.join(other, 'a.sh'), 0o600);
    expect(readSuite(other).entry.suite?.packageDigest).not.toBe(digests[0]);
  });

  it('is needed, and must be of the ref that is asked for', async () => {
    const root = openSuiteRoot({ outer: nests('child', 'child: child:1.0.0\n'), child: leaf() });
    expect(await root.refusal('outer')).toEqual([
      'dependency_invalid dependencies.yaml:1:1: child: there is no dependencies.lock.yaml that pins it; write it with "gantry lock"',
    ]);
    await root.lock('outer');
    const lock = path.join(root.root, 'outer', 'dependencies.lock.yaml');
    writeFileSync(lock, readFileSync(lock, 'utf8').replaceAll('child:1.0.0', 'child:0.9.0'));
    expect(await root.refusal('outer')).toEqual([
      'dependency_invalid dependencies.yaml:1:1: child: expected child:1.0.0 in dependencies.lock.yaml, found child:0.9.0; write it anew with "gantry lock"',
    ]);
  });
});

describe('what is wrong with what a suite depends on', () => {
  it('is told with file and line: a cycle over three suites', async () => {
    const root = openSuiteRoot({
      a: nests('b', '# first\nb: b:1.0.0\n'),
      b: nests('c', '\n\nc: c:1.0.0\n'),
      c: nests('a', 'a: a:1.0.0\n'),
    });
    expect(await root.refusal('a')).toEqual([
      'dependency_invalid b/c/dependencies.yaml:1:1: a: suites depend on each other in a cycle: a → b → c → a',
    ]);
    await expect(root.lock('a')).rejects.toThrow('a → b → c → a');
  });

  it('is told with file and line: a suite, a version and a profile that are not there', async () => {
    const root = openSuiteRoot({
      lost: nests('child', 'child: nobody:1.0.0\n'),
      old: nests('child', 'child: child:0.1.0\n'),
      shy: nests('child', 'child:\n  ref: child\n  version: 1.0.0\n  profile: secret\n'),
      child: leaf(),
    });
    expect(await root.refusal('lost')).toEqual([
      'dependency_invalid dependencies.yaml:1:1: child: there is no suite nobody below the suite roots',
    ]);
    expect(await root.refusal('old')).toEqual([
      'dependency_invalid dependencies.yaml:1:1: child: there is no version 0.1.0 of the suite child below the suite roots; there is 1.0.0',
    ]);
    await root.lock('shy');
    expect(await root.refusal('shy')).toEqual([
      'plan_invalid dependencies.yaml:4:12: The suite child has no profile "secret". It can be launched with: default.',
    ]);
  });

  it('is told with file and line: a nested suite that is not valid', async () => {
    const root = openSuiteRoot({
      outer: nests('child', 'child: child:1.0.0\n'),
      child: 'version: 1.0.0\nsteps: { a: { kind: tusk } }',
    });
    expect((await root.refusal('outer')).join()).toContain(
      'dependencies.yaml:1:1: child: the suite child is not valid: suite.yaml:2:10: steps.a: expected "run", "image" or "build", found none of them',
    );
  });

  it('is told with the names: two services that would be called the same', async () => {
    const service = '{ kind: service, run: a, ports: [80] }';
    const root = openSuiteRoot({
      outer: nests('child', 'child: child:1.0.0\n', `  child-api: ${service}\n`),
      child: `version: 1.0.0\nsteps: { api: ${service} }`,
    });
    await root.lock('outer');
    expect(await root.refusal('outer')).toEqual([
      'plan_invalid dependencies.yaml:1:1: child/api and child-api would both be called "child-api"; give the nested suite another alias',
    ]);
  });

  it.each([
    [
      'child: child:latest',
      '1:8 child: expected a pinned ref, found "child:latest": "latest" is another one tomorrow: name a version, a tag, a commit or a digest',
    ],
    [
      'child: child',
      '1:8 child: expected a pinned ref, found "child": it is not pinned: add a version, as in child:1.0.0',
    ],
    [
      'child: https://git.example/a.git',
      '1:8 child: expected a pinned ref, found "https://git.example/a.git": it is not pinned: add "#" and a commit or a tag',
    ],
    [
      'child: oci://host/a:1.0.0',
      '1:8 child: expected a pinned ref, found "oci://host/a:1.0.0": it is not pinned: "gantry push" tells the digest: oci://host/repository@sha256:…',
    ],
    [
      'child:\n  ref: child\n  version: latest',
      '3:12 child.version: expected a pinned ref, found "child latest": "latest" is another one tomorrow: name a version, a tag, a commit or a digest',
    ],
    [
      'child: https://me:pass@git.example/a.git#v1',
      '1:8 child: expected a pinned ref, found "https://me:pass@git.example/a.git#v1": a ref is stored and shown: leave the password out and use a credential helper of Git',
    ],
  ])('is told where it stands: %s', (dependencies, told) => {
    expect(problemsOf(nests('child', `${dependencies}\n`))).toEqual([`dependencies.yaml:${told}`]);
  });

  it('is told where it stands: an alias that is not there, and one that two suites use', () => {
    expect(problemsOf(nests('child', 'chidl: child:1.0.0\n'))).toEqual([
      'suite.yaml:3:30 steps.child.ref: expected an alias of dependencies.yaml, found "child"; did you mean "chidl"?',
    ]);
    const twice = nests('child', 'child: child:1.0.0\n', '  again: { kind: suite, ref: child }\n');
    expect(problemsOf(twice)).toEqual([
      'suite.yaml:4:30 steps.again.ref: expected an alias of its own, found "child", which child has: the nodes of both would be called child/…; give the suite a second alias',
    ]);
    expect(problemsOf('steps:\n  a: { kind: suite, ref: a, run: b }\n')).toEqual([
      'suite.yaml:2:26 steps.a.ref: expected an alias of dependencies.yaml, found "a"; there is no dependencies.yaml',
      'suite.yaml:2:29 steps.a: "run" is not for a suite: its own steps say it',
    ]);
  });
});

it('a lock that was written by hand and is broken is told with its line', async () => {
  const root = openSuiteRoot({ outer: nests('child', 'child: child:1.0.0\n'), child: leaf() });
  await root.lock('outer');
  appendFileSync(
    path.join(root.root, 'outer', 'dependencies.lock.yaml'),
    'other: { ref: a:1, digest: md5 }\n',
  );
  await expect(root.suite('outer')).rejects.toMatchObject({
    issues: [{ path: expect.stringMatching(/^dependencies\.lock\.yaml:\d+:\d+$/) }],
  });
});
