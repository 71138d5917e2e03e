import type { Mapping } from '../syntax/places';
import { ComposeError } from '../syntax/problem';

const propagations = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** Reads the short form of a mount, `source:target:options`. Throws ComposeError. */
export function parseMount(text: string): Mapping {
  if (text === '') throw new ComposeError('expected a mount such as "./data:/data", found an empty text');
  // The tool leaves such a short text as it is.
  if (text.length < 3) return { type: 'volume', target: text };
  const [first = '', second, options, ...more] = split(text);
  const wrong = `expected a mount such as "./data:/data:ro", found ${JSON.stringify(text)}`;
  if (more.length > 0 || [first, second, options].includes('')) throw new ComposeError(wrong);
  if (second === undefined) return { type: 'volume', target: cleanPath(first), volume: {} };
  const isBind = isHostPath(first);
  const mount: Mapping = { type: isBind ? 'bind' : 'volume', source: first, target: cleanPath(second) };
  let own: Mapping = isBind ? { create_host_path: true } : {};
  for (const option of (options ?? '').split(',')) {
    if (option === 'ro') mount.read_only = true;
    if (option === 'rw') delete mount.read_only;
    if (option === 'nocopy' && !isBind) own = { ...own, nocopy: true };
    if (propagations.includes(option) && isBind) own = { ...own, propagation: option };
    if (['z', 'Z'].includes(option) && isBind) own = { ...own, selinux: option };
  }
  return { ...mount, [isBind ? 'bind' : 'volume']: own };
}

/** A single letter before a colon counts as a drive of Windows, so that `d:/data` is no volume "d" at `/data`. */
function split(text: string): string[] {
  const parts = text.split(':');
  const joined: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    const isDrive = /^\p{L}$/u.test(part) && index + 1 < parts.length;
    if (isDrive) index += 1;
    joined.push(isDrive ? `${part}:${parts[index] ?? ''}` : part);
  }
  return joined;
}

function isHostPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}

/** Cleans a path of the container: `/a//b/` is `/a/b`. */
export function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !isAbsolute) parts.push(part);
  }
  return `${isAbsolute ? '/' : ''}${parts.join('/')}` || (isAbsolute ? '/' : '.');
}
