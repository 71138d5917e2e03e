import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One entry of the image. Paths are relative to the root, without a leading slash. */
export type ToolboxEntry =
  | { type: 'folder'; path: string; mode: number; owner: number }
  | { type: 'link'; path: string; target: string }
  | { type: 'text'; path: string; text: string }
  | { type: 'copy'; path: string; from: string; mode: number };

const binFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/**
 * What goes into the toolbox image: this machine's Node and a shell with basic tools, with the shared libraries
 * they need, what name resolution needs, users and folders. In the order of the archive: folders first.
 */
export async function collectToolboxFiles(node: string): Promise<ToolboxEntry[]> {
  const copies = new Map<string, ToolboxEntry>();
  const binaries = [node];
  add(copies, 'usr/local/bin/node', node);

  const busybox = await findBinary('busybox');
  const links: ToolboxEntry[] = busybox
    ? (await busyboxApplets(busybox)).map((name) => ({
        type: 'link',
        path: `bin/${name}`,
        target: 'busybox',
      }))
    : [];
  const tools = busybox ? ['busybox'] : coreTools;
  for (const tool of tools) {
    const from = tool === 'busybox' ? busybox : await findBinary(tool);
    if (!from) continue;
    add(copies, `bin/${tool}`, from);
    binaries.push(from);
  }
  const libraries = new Set((await Promise.all(binaries.map(sharedLibraries))).flat());
  for (const library of await nameServiceLibraries([...libraries])) libraries.add(library);
  for (const library of libraries) add(copies, library.slice(1), library);
  // The loader of a distribution with folders of its own finds its libraries by this cache.
  if (await isReadable('/etc/ld.so.cache')) add(copies, 'etc/ld.so.cache', '/etc/ld.so.cache', 0o644);
  for (const bundle of certificateBundles) {
    if (!(await isReadable(bundle))) continue;
    add(copies, 'etc/ssl/certs/ca-certificates.crt', bundle, 0o644);
    break;
  }
  const content = [...copies.values(), ...links, ...texts];
  return [...foldersOf(content), ...content];
}

const coreTools = [
  ...[
    'sh',
    'cat',
    'cp',
    'mv',
    'rm',
    'ls',
    'ln',
    'mkdir',
    'rmdir',
    'touch',
    'chmod',
    'chown',
    'stat',
    'df',
    'du',
  ],
  ...[
    'echo',
    'printf',
    'env',
    'id',
    'whoami',
    'hostname',
    'uname',
    'date',
    'sleep',
    'true',
    'false',
    'test',
    'expr',
  ],
  ...[
    'head',
    'tail',
    'wc',
    'sort',
    'uniq',
    'cut',
    'tr',
    'tee',
    'seq',
    'yes',
    'dd',
    'od',
    'sha256sum',
    'md5sum',
  ],
  ...[
    'basename',
    'dirname',
    'readlink',
    'realpath',
    'mktemp',
    'mkfifo',
    'nproc',
    'kill',
    'timeout',
    'base64',
  ],
  ...['grep', 'sed', 'awk', 'find', 'xargs', 'tar', 'gzip', 'ps'],
];

const certificateBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

const texts: ToolboxEntry[] = [
  {
    type: 'text',
    path: 'etc/passwd',
    text: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n',
  },
  { type: 'text', path: 'etc/group', text: 'root:x:0:\nnogroup:x:65534:\nuser:x:1000:\n' },
  { type: 'text', path: 'etc/nsswitch.conf', text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
];

function add(copies: Map<string, ToolboxEntry>, to: string, from: string, mode = 0o755): void {
  copies.set(to, { type: 'copy', path: to, from, mode });
}

function foldersOf(content: readonly ToolboxEntry[]): ToolboxEntry[] {
  const special = new Map<string, { mode: number; owner: number }>([
    ['tmp', { mode: 0o1777, owner: 0 }],
    ['var/tmp', { mode: 0o1777, owner: 0 }],
    ['gantry/artifacts', { mode: 0o1777, owner: 0 }],
    ['suite', { mode: 0o755, owner: 0 }],
    ['root', { mode: 0o700, owner: 0 }],
    ['home/user', { mode: 0o755, owner: 1000 }],
  ]);
  const names = new Set<string>();
  for (const name of [...special.keys(), ...content.map((entry) => path.posix.dirname(entry.path))]) {
    const parts = name.split('/');
    parts.forEach((_, position) => {
      names.add(parts.slice(0, position + 1).join('/'));
    });
  }
  return [...names].sort().map((name) => ({
    type: 'folder',
    path: name,
    ...(special.get(name) ?? { mode: 0o755, owner: 0 }),
  }));
}

async function busyboxApplets(busybox: string): Promise<string[]> {
  const { stdout } = await run(busybox, ['--list']);
  return stdout.split('\n').filter((name) => /^[\w.[-]+$/.test(name) && name !== 'busybox');
}

/** The files that the loader would map. None for a static binary, of which ldd says so with exit code 1. */
async function sharedLibraries(binary: string): Promise<string[]> {
  const stdout = await run('ldd', [binary]).then(
    (result) => result.stdout,
    (error: { code?: unknown; stdout?: unknown; stderr?: unknown }) => {
      const said = `${error.stdout ?? ''}${error.stderr ?? ''}`;
      if (/not a dynamic executable|statically linked|Not a valid dynamic program/.test(said)) return '';
      throw new Error(`ldd ${binary} failed: ${said.trim() || String(error.code)}`);
    },
  );
  return [...stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)].flatMap((match) => match[1] ?? []);
}

/** glibc loads these by name when a host is looked up, so that ldd does not list them; musl has none. */
async function nameServiceLibraries(libraries: readonly string[]): Promise<string[]> {
  const libc = libraries.find((library) => path.basename(library) === 'libc.so.6');
  if (!libc) return [];
  const folder = path.dirname(libc);
  const names = await readdir(folder);
  return names
    .filter((name) => /^lib(nss_dns|nss_files|resolv)\.so\.\d+$/.test(name))
    .map((name) => path.join(folder, name));
}

async function findBinary(name: string): Promise<string | null> {
  for (const folder of binFolders) {
    const file = path.join(folder, name);
    if (await isReadable(file)) return realpath(file);
  }
  return null;
}

function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
