import { PlainScalar } from './yaml-schema';

/** Something that is wrong, by its path in the file's data; `on` says whether the key or its value is meant. */
export interface Complaint {
  path: (string | number)[];
  on: 'key' | 'value';
  message: string;
}

/** Where a value stands in a file's data, and where to complain about it. */
export class Place {
  private constructor(
    private readonly complaints: Complaint[],
    private readonly parent: Place | null,
    private readonly key: string | number,
  ) {}

  static root(complaints: Complaint[]): Place {
    return new Place(complaints, null, '');
  }

  at(key: string | number): Place {
    return new Place(this.complaints, this, key);
  }

  path(): (string | number)[] {
    return this.parent ? [...this.parent.path(), this.key] : [];
  }

  /** Complains about the value. The message is prefixed with the path: `steps.db.ports[0]: …`. */
  complain(message: string): void {
    this.add(this.path(), 'value', message);
  }

  /** Complains about a key of this mapping. */
  complainOfKey(key: string, message: string): void {
    this.add([...this.path(), key], 'key', message, this.path());
  }

  /** Complains about the key that this value stands under: something is missing in it. */
  complainOfOwnKey(message: string): void {
    this.add(this.path(), 'key', message);
  }

  private add(path: Complaint['path'], on: Complaint['on'], message: string, named = path): void {
    const name = pathName(named);
    this.complaints.push({ path, on, message: name ? `${name}: ${message}` : message });
  }
}

/** What was found, in a few words. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (value instanceof PlainScalar) return value.source;
  if (typeof value === 'string') return quote(value);
  return Array.isArray(value) ? 'a list' : 'a mapping';
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);
}

function pathName(path: readonly (string | number)[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${shorten(part)}`,
    )
    .join('');
}

function shorten(key: string): string {
  if (!/^[\w/.-]*$/.test(key)) return quote(key);
  return key.length > 80 ? `${key.slice(0, 77)}…` : key;
}
