import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createFinder } from '@/lib/dependencies/create-finder';
import { plainClient } from '@/tests/support/plain-client';
import { makeRoot } from '../suites/suite-folder';
import { describeWith } from '../support/requirements';
import { startGitServer } from './git-server';
import { openSuiteRoot } from './suite-roots';

const suite = (version: string) => `version: ${version}\nsteps: { a: { kind: task, run: ./a.sh } }\n`;
const nests = (ref: string) => ({
  'suite.yaml': 'steps: { child: { kind: suite, ref: child } }',
  'dependencies.yaml': `child: "${ref}"\n`,
});
const nodesOf = (plan: { nodes: { id: string }[] }) => plan.nodes.map(({ id }) => id);

describeWith('git', 'a suite in a Git repository', () => {
  it('is locked to the commit of its tag, and runs from what was kept when the server is down', async () => {
    const server = await startGitServer();
    const commit = server.commit('pay.git', { 'suite.yaml': suite('1.0.0'), 'a.sh': '#!/bin/sh\n' }, 'v1');
    const cacheFolder = path.join(makeRoot(), 'kept');
    const root = openSuiteRoot({ outer: nests(`${server.url('pay.git')}#v1`) }, (catalog) =>
      createFinder({
        catalog,
        git: { clock: systemClock, environment: process.env, limitMs: 20_000 },
        registry: { outgoing: plainClient, limitMs: 20_000, credentials: async () => null, insecure: [] },
        cacheFolder,
      }),
    );
    await root.lock('outer');
    server.commit('pay.git', { 'a.sh': '#!/bin/sh\necho other\n' }, 'v1');
    const plan = await root.plan('outer');
    expect(nodesOf(plan)).toEqual(['child/a']);
    expect(plan.nodes[0]?.source).toMatchObject({
      suiteId: 'pay',
      version: '1.0.0',
      ref: `${server.url('pay.git')}#${commit}`,
    });
    await server.stop();
    expect(nodesOf(await root.plan('outer'))).toEqual(['child/a']);
    expect(readdirSync(cacheFolder)).toEqual([plan.nodes[0]?.packageDigest.replace('sha256:', '')]);
  });

  it('is unavailable, not broken, while its server is down and nothing was kept', async () => {
    const server = await startGitServer();
    const commit = server.commit('pay.git', { 'suite.yaml': suite('1.0.0') });
    const files = nests(`${server.url('pay.git')}#${commit}`);
    const root = openSuiteRoot({ outer: files });
    await root.lock('outer');
    const lock = await root.suite('outer');
    await server.stop();
    // Another machine with the same checkout has kept nothing.
    const other = openSuiteRoot({ outer: { ...files, 'dependencies.lock.yaml': lockText(root.root) } });
    expect((await other.suite('outer')).lock).toEqual(lock.lock);
    expect(await other.refusal('outer')).toEqual([
      expect.stringMatching(
        /^dependency_unavailable dependencies\.yaml:1:1: child: the Git repository git:\S+ cannot be asked: .*refused/,
      ),
    ]);
  });

  it('is fetched by a commit that is no tip, from a folder of the repository, over a file URL', async () => {
    const server = await startGitServer();
    const old = server.commit('mono.git', { 'suites/pay/suite.yaml': suite('1.0.0'), 'README.md': 'x' });
    server.commit('mono.git', { 'suites/pay/suite.yaml': suite('2.0.0') });
    const url = `git+file://${server.folder('mono.git')}`;
    const root = openSuiteRoot({ outer: nests(`${url}?path=suites/pay#${old}`) });
    await root.lock('outer');
    const plan = await root.plan('outer');
    expect(plan.nodes[0]?.source).toMatchObject({ suiteId: 'pay', version: '1.0.0' });
  });

  it('is found by its repository and version, as a tag with or without a v', async () => {
    const server = await startGitServer();
    server.commit('pay.git', { 'suite.yaml': suite('1.0.0') }, 'v1.0.0');
    const root = openSuiteRoot({ outer: nests(`${server.url('pay.git')}:1.0.0`) });
    await root.lock('outer');
    expect(nodesOf(await root.plan('outer'))).toEqual(['child/a']);
  });

  it('is refused with a reason: a branch, a tag, commit or folder that is not there, no suite', async () => {
    const server = await startGitServer();
    server.commit('pay.git', { 'README.md': 'no suite here' }, 'v1');
    const refused = async (ref: string) => {
      const root = openSuiteRoot({ outer: nests(ref) });
      return root.lock('outer').then(
        () => 'locked',
        (error: Error) => error.message,
      );
    };
    expect(await refused(`${server.url('pay.git')}#main`)).toContain(
      'has no tag main; a branch is not pinned',
    );
    expect(await refused(`${server.url('pay.git')}#${'0'.repeat(40)}`)).toContain('has no commit 000');
    expect(await refused(`${server.url('pay.git')}?path=suites/pay#v1`)).toContain(
      'has no folder suites/pay',
    );
    expect(await refused(`${server.url('pay.git')}#v1`)).toContain(
      'is not valid: suite.yaml:1:1: expected this file',
    );
    expect(await refused(`${server.url('nobody.git')}#v1`)).toContain('cannot be asked');
  });
});

function lockText(root: string): string {
  return readFileSync(path.join(root, 'outer', 'dependencies.lock.yaml'), 'utf8');
}
