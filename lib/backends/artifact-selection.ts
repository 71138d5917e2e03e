import { RE2JS } from 're2js';
import type { ExportRule } from '../model/node';

export interface SelectedArtifact {
  path: string;
  format: ExportRule['format'];
}

/**
 * The files that the rules ask for, each once, in order of path: as a report when any rule wants it as one, else
 * with the first rule that matches. Paths that leave the folder match nothing. The rules' `on` is not looked
 * at: who knows the verdict decides.
 */
export function selectArtifacts(paths: readonly string[], rules: readonly ExportRule[]): SelectedArtifact[] {
  const select = createSelection(rules);
  const selected = new Map<string, SelectedArtifact>();
  for (const path of paths) {
    const found = select(path);
    if (found) selected.set(found.path, found);
  }
  return [...selected.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Whether a rule asks for a link, or for something that a link to a folder hides. */
export function stopsAtLink(rule: string, link: string): boolean {
  if (compileGlob(rule)(link)) return true;
  const parts = (normalizePath(rule) ?? '').split('/');
  const segments = link.split('/');
  if (segments.length >= parts.length) return false;
  return segments.every((segment, index) => {
    const part = parts[index];
    return part !== undefined && !part.includes('**') && compileGlob(part)(segment);
  });
}

/** As `selectArtifacts`, path by path: compiling a glob takes far longer than matching it. */
export function createSelection(rules: readonly ExportRule[]): (path: string) => SelectedArtifact | null {
  const compiled = rules.map((rule) => ({ rule, matches: compileGlob(rule.path) }));
  return (given) => {
    const path = normalizePath(given);
    if (path === null) return null;
    const matching = compiled.filter(({ matches }) => matches(path)).map(({ rule }) => rule);
    const rule = matching.find(({ format }) => format !== 'file') ?? matching[0];
    return rule ? { path, format: rule.format } : null;
  };
}

/**
 * A relative path without `.` segments and doubled slashes; null for one that is absolute, leaves its folder,
 * is empty or holds a NUL.
 */
export function normalizePath(path: string): string | null {
  if (path.startsWith('/') || path.includes('\0')) return null;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.length === 0 || segments.includes('..') ? null : segments.join('/');
}

/**
 * Globs with `*`, `**`, `?`, `[…]` and `{a,b}`; a folder's path stands for all below it; dot files match. A
 * glob that leaves the folder matches nothing. Compiled to RE2 because a glob is a suite's own text, and
 * backtracking on `*a*a*a*a*b` takes minutes.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const normal = normalizePath(glob);
  if (normal === null) return () => false;
  const expression = RE2JS.compile(`^${globSource(normal)}(?:/.*)?$`, RE2JS.DOTALL);
  return (path) => expression.test(path);
}

const token = /\*\*\/|\*\*|\*|\?|\[[!^]?\]?[^\]/]*\]|\{[^{}]*\}|[\s\S]/gu;

function globSource(glob: string): string {
  return (glob.match(token) ?? []).map(tokenSource).join('');
}

function tokenSource(part: string): string {
  if (part === '**/') return '(?:.*/)?';
  if (part === '**') return '.*';
  if (part === '*') return '[^/]*';
  if (part === '?') return '[^/]';
  if (part.length > 2 && part.startsWith('[') && !hasReversedRange(part)) {
    return characterClass(part.slice(1, -1));
  }
  if (part.length > 1 && part.startsWith('{')) {
    return `(?:${part.slice(1, -1).split(',').map(globSource).join('|')})`;
  }
  return RE2JS.quote(part);
}

/** `[z-a]` is no class; such text stands for itself. */
function hasReversedRange(part: string): boolean {
  return [...part.matchAll(/(.)-([^\]])/gu)].some(([, first = '', last = '']) => first > last);
}

function characterClass(body: string): string {
  const negated = body.startsWith('!') || body.startsWith('^');
  const members = (negated ? body.slice(1) : body).replace(/[\\[\]^&~]/g, '\\$&');
  return negated ? `[^/${members}]` : `[${members}]`;
}
