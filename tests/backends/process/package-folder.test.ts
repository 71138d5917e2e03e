import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageFolder } from '@/lib/backends/process/package-folder';
import { removeFolder } from '@/lib/backends/process/remove-environment';

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0];

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'gantry-package-'));
});
afterEach(async () => expect(await removeFolder(parent)).toBeNull());

function unpack(entries: (Entry & { content?: string })[], cutAt?: number) {
  const openPackage = async () => {
    const tar = pack();
    for (const { content = '', ...header } of entries) tar.entry(header, content);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar.pipe(new PassThrough())) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    return (async function* () {
      yield whole.subarray(0, cutAt ?? whole.length);
    })();
  };
  return packageFolder({ openPackage }, path.join(parent, 'packages'), 'sha256:abc');
}

test('unpacks files and folders without the right to write, executable ones executable', async () => {
  const folder = await unpack([
    { name: 'a.txt', mode: 0o644, content: 'a' },
    { name: 'bin/run.sh', mode: 0o755, content: 'b' },
    { name: 'empty', type: 'directory' },
  ]);
  expect(await readFile(path.join(folder, 'bin/run.sh'), 'utf8')).toBe('b');
  const mode = async (file: string) => (await stat(path.join(folder, file))).mode & 0o777;
  expect(await Promise.all(['a.txt', 'bin/run.sh', 'bin', 'empty', '.'].map(mode))).toEqual([
    0o444, 0o555, 0o555, 0o555, 0o555,
  ]);
});

test('unpacks once', async () => {
  const folder = await unpack([{ name: 'a.txt', content: 'a' }]);
  expect(await unpack([{ name: '../never-looked-at', content: 'b' }])).toBe(folder);
});

test.each<[string, Entry]>([
  ['a path that climbs out', { name: '../evil' }],
  ['a path that climbs out in the middle', { name: 'a/../../evil' }],
  ['an absolute path', { name: '/tmp/evil' }],
  ['a symbolic link', { name: 'link', type: 'symlink', linkname: '/etc' }],
  ['a hard link', { name: 'link', type: 'link', linkname: '/etc/passwd' }],
  ['a device', { name: 'device', type: 'character-device' }],
])('refuses a package with %s', async (_what, header) => {
  await expect(unpack([header])).rejects.toMatchObject({ code: 'backend_failed' });
  expect((await readdir(parent)).filter((name) => name !== 'packages')).toEqual([]);
});

test('refuses a package that writes one file twice', async () => {
  const twice = [
    { name: 'a', content: '1' },
    { name: './a', content: '2' },
  ];
  await expect(unpack(twice)).rejects.toMatchObject({ code: 'backend_failed' });
});

test('refuses a package that is cut off', async () => {
  await expect(unpack([{ name: 'a', content: 'x'.repeat(5_000) }], 2_000)).rejects.toMatchObject({
    code: 'backend_failed',
  });
});
