import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTarget } from '@/lib/cli/connection/connect';
import { readContexts, writeContexts } from '@/lib/cli/connection/contexts';
import { runCommand } from './run-command';

let folder: string;
let contextsFile: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-contexts-'));
  contextsFile = path.join(folder, 'gantry', 'contexts.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const kept = {
  current: 'team',
  contexts: {
    team: { url: 'https://team.example', token: 'team-token' },
    lab: { url: 'https://lab.example', token: 'lab-token' },
  },
};

describe('findTarget', () => {
  it.each([
    ['the current context', {}, 'https://team.example', 'team-token'],
    ['a named context', { context: 'lab' }, 'https://lab.example', 'lab-token'],
    [
      'an address with a context of its own',
      { url: 'https://lab.example/' },
      'https://lab.example/',
      'lab-token',
    ],
    ['an address that nothing is known of', { url: 'https://evil.example' }, 'https://evil.example', null],
    [
      'another address beside a context',
      { context: 'lab', url: 'https://x.example' },
      'https://x.example',
      null,
    ],
    ['all that is given', { url: 'https://x.example', token: 't' }, 'https://x.example', 't'],
  ])('takes %s', async (_, given, url, token) => {
    await writeContexts(contextsFile, kept);
    await writeFile(path.join(folder, 'server.json'), '{"url":"http://127.0.0.1:3000"}');
    await writeFile(path.join(folder, 'admin-token'), 'local-token\n');
    expect(await findTarget({ ...given, dataFolder: folder, contextsFile })).toEqual({ url, token });
  });

  it("takes this machine's own control plane without a context, with its token and no other address", async () => {
    await writeFile(path.join(folder, 'server.json'), '{"url":"http://127.0.0.1:3000"}');
    await writeFile(path.join(folder, 'admin-token'), 'local-token\n');
    const options = { dataFolder: folder, contextsFile };
    expect(await findTarget(options)).toEqual({ url: 'http://127.0.0.1:3000', token: 'local-token' });
    expect(await findTarget({ ...options, url: 'https://x.example' })).toEqual({
      url: 'https://x.example',
      token: null,
    });
  });
});

it('gantry context keeps tokens in a file of mode 600 and never prints them', {
  timeout: 300_000,
}, async () => {
  const gantry = (...words: string[]) =>
    runCommand('lib/cli/gantry.mjs', words, { GANTRY_CONTEXTS: contextsFile });
  const added = await gantry('context', 'add', 'lab', '--url', 'https://lab.example', '--token', 'geheim');
  expect(added).toMatchObject({ code: 0, stdout: '' });
  expect((await stat(contextsFile)).mode & 0o777).toBe(0o600);
  const listed = await gantry('context', '--json');
  expect(JSON.parse(listed.stdout)).toEqual({
    items: [{ name: 'lab', url: 'https://lab.example', hasToken: true, isCurrent: true }],
  });
  expect((await gantry('context', 'use', 'none')).stderr).toContain(
    'There is no context none. There are: lab.',
  );
  expect((await gantry('context', 'add', 'x', '--url', 'lab')).code).toBe(2);
  expect((await gantry('context', 'rm', 'lab')).code).toBe(0);
  expect(await readContexts(contextsFile)).toEqual({ current: null, contexts: {} });
  await writeFile(contextsFile, '{"contexts": {"a": {}}}');
  const broken = await gantry('ls');
  expect(broken.code).toBe(2);
  expect(broken.stderr).toContain('contexts.a.url: expected an address');
  expect(await readFile(contextsFile, 'utf8')).toContain('"a"');
});
