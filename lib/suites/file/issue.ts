/** The keys and indices that lead from a file's root to a value. */
export type IssuePath = readonly (string | number)[];

/** Something wrong at a path of a file's data. `on` tells whether the key at the end of the path is meant or its value. */
export interface Issue {
  path: IssuePath;
  on: 'key' | 'value';
  /** The whole message. It begins with the path, as in `steps.db.ports[0]: …`. */
  message: string;
}

/** Reports one thing that is wrong with a file. `on` is `value` unless given. */
export type AddIssue = (path: IssuePath, message: string, on?: Issue['on']) => void;

/** Makes an issue whose message names its path. An issue on an unknown or a wrong key names the mapping around it. */
export function makeIssue(path: IssuePath, message: string, on: Issue['on'] = 'value', named = path): Issue {
  const name = formatPath(named);
  return { path, on, message: name ? `${name}: ${message}` : message };
}

/** Makes an issue about one key of the mapping at `path`. */
export function makeKeyIssue(path: IssuePath, key: string, message: string): Issue {
  return makeIssue([...path, key], message, 'key', path);
}

/** Describes a value in a few words for "found …". */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return value.trim() === '' ? 'an empty text' : quote(value);
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping';
  return String(value);
}

/** Quotes a text for a message, cut to 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

/** Writes a path as in `steps.db.ports[0]`. */
export function formatPath(path: IssuePath): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${formatKey(part)}`,
    )
    .join('');
}

function formatKey(key: string): string {
  return /^[\w/.-]*$/.test(key) ? shorten(key) : quote(key);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
