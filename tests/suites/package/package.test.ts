import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { extract } from 'tar-stream';
import { describe, expect, it, vi } from 'vitest';
import { streamPackage } from '@/lib/suites/package/stream';
import { readSuite } from '@/lib/suites/read-suite';
import { makeRoot, makeSuiteFolder, problemsIn, type SuiteFiles } from '../suite-folder';

const suiteYaml = 'steps: { a: { kind: task, run: a } }';
const files: SuiteFiles = {
  'suite.yaml': suiteYaml,
  'b.sh': 'echo b',
  'a/z.txt': 'z',
  'a/ü.txt': 'umlaut',
  'a-b.txt': 'sorts between a and a/',
  'empty.txt': '',
};

describe("a package's digest", () => {
  it('is the same whatever times, umask and order of writing its files have', () => {
    const first = makeSuiteFolder(files);
    const umask = process.umask(0o077);
    const second = makeSuiteFolder(Object.fromEntries(Object.entries(files).reverse()));
    process.umask(umask);
    utimesSync(path.join(second, 'b.sh'), 0, 0);
    chmodSync(path.join(second, 'b.sh'), 0o640);
    mkdirSync(path.join(second, '.git'));
    writeFileSync(path.join(second, '.git', 'HEAD'), 'ref');
    writeFileSync(path.join(second, '.DS_Store'), 'x');
    mkdirSync(path.join(second, 'an-empty-folder'));
    expect(digestOf(second)).toBe(digestOf(first));
    expect(digestOf(first)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it.each([
    ['a byte of a file', (folder: string) => writeFileSync(path.join(folder, 'b.sh'), 'echo c')],
    ['a name', (folder: string) => execFileSync('mv', ['b.sh', 'c.sh'], { cwd: folder })],
    ['the executable bit', (folder: string) => chmodSync(path.join(folder, 'b.sh'), 0o755)],
    ['a file that is gone', (folder: string) => rmSync(path.join(folder, 'empty.txt'))],
    ['where content is cut', (folder: string) => moveContent(folder)],
  ])('changes with %s', (_what, change) => {
    const folder = makeSuiteFolder(files);
    const before = digestOf(folder);
    change(folder);
    expect(digestOf(folder)).not.toBe(before);
  });

  it('takes a link to a file inside for that file', () => {
    const plain = makeSuiteFolder({ ...files, 'c.sh': 'echo b' });
    const linked = makeSuiteFolder(files);
    symlinkSync('b.sh', path.join(linked, 'c.sh'));
    expect(digestOf(linked)).toBe(digestOf(plain));
  });
});

describe('a package', () => {
  it('is a tar of its files, sorted, without times and owners', async () => {
    const folder = makeSuiteFolder(files);
    chmodSync(path.join(folder, 'b.sh'), 0o700);
    const entries = await untar(folder);
    expect(entries.map(({ name }) => name)).toEqual([
      'a-b.txt',
      'a/z.txt',
      'a/ü.txt',
      'b.sh',
      'empty.txt',
      'suite.yaml',
    ]);
    expect(entries.find(({ name }) => name === 'b.sh')).toMatchObject({ mode: 0o755, content: 'echo b' });
    for (const { mtime, uid, gid, type } of entries)
      expect({ mtime, uid, gid, type }).toEqual({ mtime: 0, uid: 0, gid: 0, type: 'file' });
  });

  it('lets go of its files when nobody reads it to the end', async () => {
    const folder = makeSuiteFolder({ ...files, 'a.bin': new Uint8Array(3_000_000) });
    const { suite } = readSuite(folder).entry;
    if (!suite) throw new Error('not valid');
    for await (const chunk of streamPackage(folder, suite)) if (chunk.length > 0) break;
    await vi.waitFor(() => expect(openFilesBelow(folder)).toEqual([]), 60_000);
  });

  it.each([
    ['changed', (folder: string) => writeFileSync(path.join(folder, 'b.sh'), 'echo X')],
    ['grew', (folder: string) => writeFileSync(path.join(folder, 'b.sh'), 'echo longer')],
    ['is gone', (folder: string) => rmSync(path.join(folder, 'b.sh'))],
    [
      'became a link out of the folder',
      (folder: string) => {
        rmSync(path.join(folder, 'b.sh'));
        symlinkSync('/etc/passwd', path.join(folder, 'b.sh'));
      },
    ],
  ])('is not delivered when a file %s since it was read', async (_how, change) => {
    await expect(untar(makeSuiteFolder(files), change)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a file that cannot be part of a package', () => {
  const outside =
    'expected a symbolic link to a file inside the folder, found one that leads out of it or nowhere';

  it.each([
    ['/etc/passwd', outside],
    ['../../../../../../etc/passwd', outside],
    ['../outside.txt', outside],
    ['nowhere', outside],
    ['link', outside],
    ['a', 'expected a symbolic link to a file, found one to a folder'],
  ])('is a link to %s', (target, message) => {
    const folder = makeSuiteFolder(files);
    writeFileSync(path.join(folder, '..', 'outside.txt'), 'secret');
    symlinkSync(target, path.join(folder, 'link'));
    expect(problemsIn(folder)).toEqual([`link:1:1 ${message}`]);
  });

  it('is a link to a neighbour whose name begins alike', () => {
    const root = makeRoot();
    const folder = makeSuiteFolder(files, path.join(root, 'demo'));
    makeSuiteFolder({ 'secret.txt': 'secret' }, path.join(root, 'demo-2'));
    symlinkSync('../demo-2/secret.txt', path.join(folder, 'link'));
    expect(problemsIn(folder)).toEqual([`link:1:1 ${outside}`]);
  });

  it('is a suite.yaml or a profile that is a link out, and its content is not read', () => {
    const folder = makeSuiteFolder({ 'other.txt': '' });
    mkdirSync(path.join(folder, 'profiles'));
    symlinkSync('/etc/passwd', path.join(folder, 'suite.yaml'));
    symlinkSync('/etc/passwd', path.join(folder, 'profiles', 'p.yaml'));
    expect(problemsIn(folder)).toEqual([`suite.yaml:1:1 ${outside}`, `profiles/p.yaml:1:1 ${outside}`]);
  });

  it('is a folder of that name, a pipe, or one whose name has control characters', () => {
    const folder = makeSuiteFolder({ 'suite.yaml/inside.txt': '' });
    expect(problemsIn(folder)).toEqual([
      'suite.yaml:1:1 expected this file or a Compose file, found neither',
    ]);
    const other = makeSuiteFolder({ ...files, 'a\nb.txt': '', 'a\\b.txt': '' });
    execFileSync('mkfifo', [path.join(other, 'pipe')]);
    expect(problemsIn(other)).toEqual([
      'a\nb.txt:1:1 expected a file name of valid UTF-8 without control characters and "\\", found "a\\nb.txt"',
      'a\\b.txt:1:1 expected a file name of valid UTF-8 without control characters and "\\", found "a\\\\b.txt"',
      'pipe:1:1 expected a file or a folder, found a socket, pipe or device',
    ]);
  });

  it('is one too many, too large a one, or one too deep', () => {
    const many = makeSuiteFolder(files);
    for (let n = 0; n < 10_000; n++) writeFileSync(path.join(many, `f${n}`), '');
    expect(problemsIn(many)).toEqual([
      expect.stringMatching(
        /^suite\.yaml:1:1 expected a folder of at most 10000 files, found more, among them /,
      ),
    ]);
    const large = makeSuiteFolder(files);
    writeFileSync(path.join(large, 'z.bin'), '');
    truncateSync(path.join(large, 'z.bin'), 65 * 1024 * 1024);
    expect(problemsIn(large)).toEqual([
      'suite.yaml:1:1 expected a folder of at most 64 MiB, found more; z.bin has 68157440 bytes',
    ]);
    const deep = makeSuiteFolder({ ...files, [`${'d/'.repeat(51)}f`]: '' });
    expect(problemsIn(deep)).toEqual([
      expect.stringMatching(
        /^suite\.yaml:1:1 the folder cannot be read: d\/.* is more than 50 folders deep$/,
      ),
    ]);
  });
});

describe('a path that a suite asks for', () => {
  it.each([
    ['cwd: ../up', 'cwd: expected a folder below /suite, or an absolute one, without "..", found "../up"'],
    [
      'cwd: a/../../up',
      'cwd: expected a folder below /suite, or an absolute one, without "..", found "a/../../up"',
    ],
    ['cwd: not-there', 'cwd: expected a folder of the suite with files in it, found "not-there"'],
    ['cwd: "a\\0b"', 'cwd: expected text without the character NUL, found "a\\u0000b"'],
    [
      'export: ../../etc/passwd',
      'export: expected a path that stays below $GANTRY_ARTIFACTS, found "../../etc/passwd"',
    ],
    [
      'export: /etc/passwd',
      'export: expected a path that stays below $GANTRY_ARTIFACTS, found "/etc/passwd"',
    ],
    ['export: "..\\\\up"', 'export: expected a path that stays below $GANTRY_ARTIFACTS, found "..\\\\up"'],
  ])('is refused when it leads out: %s', (line, message) => {
    const folder = makeSuiteFolder({
      ...files,
      'suite.yaml': `steps: { a: { kind: task, run: a, ${line} } }`,
    });
    expect(problemsIn(folder).map((problem) => problem.replace(/^suite\.yaml:1:\d+ steps\.a\./, ''))).toEqual(
      [message],
    );
  });
});

function openFilesBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      // The one that listed them is closed by now.
      return [];
    }
  });
}

function digestOf(folder: string): string {
  const { suite, problems } = readSuite(folder).entry;
  if (!suite) throw new Error(JSON.stringify(problems));
  return suite.packageDigest;
}

/** The same bytes in a row, but divided otherwise between two files. */
function moveContent(folder: string): void {
  writeFileSync(path.join(folder, 'a', 'z.txt'), 'zu');
  writeFileSync(path.join(folder, 'a', 'ü.txt'), 'mlaut');
}

async function untar(folder: string, change: (folder: string) => void = () => undefined) {
  const { suite } = readSuite(folder).entry;
  if (!suite) throw new Error('not valid');
  change(folder);
  const entries: {
    name: string;
    mode: number;
    mtime: number;
    uid: number;
    gid: number;
    type: string;
    content: string;
  }[] = [];
  const tar = extract();
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamPackage(folder, suite)) chunks.push(chunk);
  tar.end(Buffer.concat(chunks));
  for await (const entry of tar) {
    const { name, mode = 0, mtime, uid = -1, gid = -1, type } = entry.header;
    let content = '';
    for await (const chunk of entry) content += chunk;
    entries.push({ name, mode, mtime: mtime?.getTime() ?? -1, uid, gid, type: type ?? '', content });
  }
  return entries;
}
