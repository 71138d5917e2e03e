import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DependencyRef } from '../model/dependency';
import { AppError } from '../model/errors';
import { type GitAnswer, type GitOptions, runGit } from './git';
import { statIfThere } from './stat-if-there';
import { checkSize, type PackageFile, writeFiles } from './write-files';

type GitRef = Extract<DependencyRef, { type: 'git' }>;

const maxRepositoryBytes = 512 * 1024 * 1024;

/**
 * Writes the files of a commit or tag into `target`, as they are in the repository, and answers the commit. `scratch`
 * is an empty folder. Rejects with `dependency_unavailable` when the repository cannot be asked, and with
 * `dependency_invalid` when it has no such commit, tag or folder.
 */
export async function fetchGit(
  options: GitOptions,
  ref: GitRef,
  revisions: readonly string[],
  { scratch, target }: { scratch: string; target: string },
): Promise<string> {
  const url = ref.url.replace(/^git\+/, '');
  const protocol = /^(\w+):\/\//.exec(url)?.[1] ?? 'ssh';
  const repository = path.join(scratch, 'repository');
  await mkdir(repository);
  const tooLarge = () => sizeProblem(path.join(repository, 'objects', 'pack'));
  const git = (words: string[], input?: string) =>
    runGit(options, repository, words, { protocol, input, tooLarge });
  await must(git(['init', '--quiet', '--bare', '.']));

  const tags = await git([
    'ls-remote',
    '--quiet',
    '--',
    url,
    ...revisions.map((each) => `refs/tags/${each}`),
  ]);
  if (tags.code !== 0) {
    throw new AppError(
      'dependency_unavailable',
      `the Git repository ${url} cannot be asked: ${tags.problem}`,
    );
  }
  const tag = revisions.find((each) => tags.stdout.toString().includes(`refs/tags/${each}\n`));
  const hash = revisions.find((each) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(each));
  const commit = tag
    ? await fetchOne(git, url, `refs/tags/${tag}`)
    : hash
      ? ((await fetchOne(git, url, hash).catch(() => null)) ?? (await fetchAll(git, url, hash)))
      : null;
  if (commit === null) {
    const what = hash ? `no commit ${hash}` : `no tag ${revisions.join(' or ')}; a branch is not pinned`;
    throw new AppError('dependency_invalid', `the Git repository ${url} has ${what}`);
  }
  const files = await listFiles(git, commit, ref);
  const contents = await must(
    git(['cat-file', '--batch'], files.map(({ object }) => `${object}\n`).join('')),
  );
  await writeFiles(target, readBatch(files, contents.stdout));
  return commit;
}

type Git = (words: string[], input?: string) => Promise<GitAnswer>;

async function must(answer: Promise<GitAnswer>): Promise<GitAnswer> {
  const given = await answer;
  if (given.code === 0) return given;
  throw new AppError('dependency_unavailable', `Git could not do its part: ${given.problem}`);
}

async function fetchOne(git: Git, url: string, what: string): Promise<string> {
  await must(git(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', url, what]));
  const { stdout } = await must(git(['rev-parse', '--verify', 'FETCH_HEAD^{commit}']));
  return stdout.toString().trim();
}

/** Not every server gives a commit by its hash alone. */
async function fetchAll(git: Git, url: string, hash: string): Promise<string | null> {
  const everything = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  await must(git(['fetch', '--quiet', '--no-recurse-submodules', '--', url, ...everything]));
  const { code, stdout } = await git(['rev-parse', '--quiet', '--verify', `${hash}^{commit}`]);
  return code === 0 ? stdout.toString().trim() : null;
}

interface ListedFile extends Omit<PackageFile, 'content'> {
  object: string;
  bytes: number;
}

async function listFiles(git: Git, commit: string, { url, path: folder }: GitRef): Promise<ListedFile[]> {
  const tree = folder === null ? commit : `${commit}:${folder.replace(/\/+$/, '')}`;
  const { code, stdout } = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', tree]);
  if (code !== 0)
    throw new AppError('dependency_invalid', `the Git repository ${url} has no folder ${folder}`);
  const files = stdout
    .toString()
    .split('\0')
    .filter((line) => line !== '')
    .map((line): ListedFile => {
      const [, mode = '', type = '', object = '', size = '', name = ''] =
        /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([\s\S]*)$/.exec(line) ?? [];
      if (type !== 'blob') {
        throw new AppError(
          'dependency_invalid',
          `${name} in ${url} is a submodule, which a suite cannot have`,
        );
      }
      return { path: name, mode: modes[mode] ?? 'file', object, bytes: Number(size) };
    });
  checkSize(files);
  return files;
}

const modes: Record<string, PackageFile['mode']> = { '100755': 'executable', '120000': 'link' };

/** Each object is a line with its size, then its content and a line ending. */
function readBatch(files: readonly ListedFile[], output: Buffer): PackageFile[] {
  let offset = 0;
  return files.map(({ path: name, mode, bytes }) => {
    const start = output.indexOf(0x0a, offset) + 1;
    offset = start + bytes + 1;
    return { path: name, mode, content: output.subarray(start, start + bytes) };
  });
}

async function sizeProblem(folder: string): Promise<string | null> {
  let bytes = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    bytes += (await statIfThere(path.join(folder, name)))?.size ?? 0;
  }
  return bytes > maxRepositoryBytes
    ? `the repository is larger than ${maxRepositoryBytes / 1024 / 1024} MiB`
    : null;
}
