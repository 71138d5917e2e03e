import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { buildImageFolder } from './build-image';

const run = promisify(execFile);

/** An image of programs of this machine, made as the official one of its name is. */
export interface DebianImage {
  tag: string;
  /** Files, or folders with all that is in them; links are taken as they are. */
  paths: string[];
  /** Programs, which bring the shared libraries that they need. */
  programs: string[];
  /** Users beside those of the toolbox, by their numbers, which are their groups' too. */
  users: Record<string, number>;
  /** Further files, all of them executable. */
  texts: Record<string, string>;
  /** What follows `FROM` and the files. */
  dockerfile: string;
  from?: string;
}

/** The programs of an image that are not on this machine. */
export function missingPrograms({ programs, paths }: DebianImage): string[] {
  return [...programs, ...paths].filter((file) => !existsSync(file));
}

/** Builds the image from the files of this machine, without any registry. */
export async function buildDebianImage(docker: Docker, image: DebianImage): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-image-'));
  try {
    const archive = path.join(folder, 'files.tar');
    const libraries = (await Promise.all(image.programs.map(librariesOf))).flat();
    const followed = [...new Set([...image.programs, ...libraries])];
    await tar(['--dereference', '-cf', archive, ...followed.map(relative)]);
    if (image.paths.length > 0) await tar(['-rf', archive, ...image.paths.map(relative)]);
    const added = path.join(folder, 'added');
    await mkdir(added);
    for (const [name, text] of Object.entries({ ...accounts(image.users), ...image.texts })) {
      const file = path.join(added, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
      await chmod(file, 0o755);
    }
    await writeFile(
      path.join(folder, 'Dockerfile'),
      `FROM ${image.from ?? 'gantry/toolbox:local'}\nADD files.tar /\nCOPY added /\n${image.dockerfile}`,
    );
    await buildImageFolder(docker, image.tag, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tar(words: string[]): Promise<void> {
  await run('tar', ['-C', '/', '--exclude=bitcode', '--exclude=llvmjit*', ...words]);
}

function relative(file: string): string {
  return file.slice(1);
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)].flatMap((match) => match[1] ?? []);
}

function accounts(users: Record<string, number>): Record<string, string> {
  const all = Object.entries({ root: 0, ...users, nobody: 65_534, user: 1_000 });
  return {
    'etc/passwd': all.map(([name, id]) => `${name}:x:${id}:${id}:${name}:/:/bin/sh\n`).join(''),
    'etc/group': all.map(([name, id]) => `${name}:x:${id}:\n`).join(''),
  };
}
