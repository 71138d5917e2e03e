import { posix } from 'node:path';

/** Makes a path absolute, from the folder of the file that names it. A path of the home folder stays as it is. */
export function absoluteIn(folder: string, path: string): string {
  if (path.startsWith('~') || /^[A-Za-z]:/.test(path) || path.startsWith('\\\\')) return path;
  return posix.resolve(folder, path);
}

/** Returns the path of a file relative to the package, or null when it is outside. The package itself is `.`. */
export function insidePackage(root: string, path: string): string | null {
  if (path === root) return '.';
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
}

/** Writes a path outside the package as a file names it: `../shared` beside it, absolute elsewhere. */
export function writtenPath(root: string, path: string): string {
  const top = root.split('/').slice(0, 2).join('/');
  return path.startsWith(`${top}/`) ? posix.relative(root, path) : path;
}
