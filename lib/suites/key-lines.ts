import { type StepKeyLines, suiteTimeout, wholeStep } from '../model/key-lines';

const keyLine = /^( *)(["']?)([\w./-]+)\2[ \t]*:(?=[ \t]|$)/;
/** Mappings of which a step may set one key and leave another to the defaults. */
const nested: ReadonlySet<string> = new Set(['resources', 'ready', 'retries']);

/** The key that the scan stands in, and the indentation of the keys below it, known from the first of them. */
interface Level {
  key: string;
  below: number | null;
}

/**
 * Where a suite file sets what: see `SuiteKeyLines`. One pass by indentation alone, for a file of 5,000 steps is read at
 * every change; what is not laid out in block style is left out.
 */
export function findKeyLines(text: string): { defaults: StepKeyLines; steps: Record<string, StepKeyLines> } {
  const defaults: StepKeyLines = {};
  const steps = new Map<string, StepKeyLines>();
  let path: Level[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const match = keyLine.exec(line);
    if (!match) continue;
    const [, spaces = '', , key = ''] = match;
    const indent = spaces.length;
    const depth = depthOf(path, indent);
    if (depth === null) continue;
    path = [...path.slice(0, depth), { key, below: null }];
    const parent = path[depth - 1];
    if (parent) parent.below ??= indent;
    record(path, number, { defaults, steps });
  }
  return { defaults, steps: Object.fromEntries(steps) };
}

/** How deep a key with this indentation stands; null when it is no key that matters, such as a line of a script. */
function depthOf(path: readonly Level[], indent: number): number | null {
  if (indent === 0) return 0;
  const known = path.findIndex(({ below }) => below === indent);
  if (known >= 0) return known + 1;
  const last = path.at(-1);
  const isDeeper = path.every(({ below }) => below === null || below < indent);
  if (!last || last.below !== null || !isDeeper) return null;
  return mayHold(path) ? path.length : null;
}

function mayHold(path: readonly Level[]): boolean {
  const [top, second, third] = path;
  if (top?.key === 'defaults')
    return path.length === 1 || (path.length === 2 && nested.has(second?.key ?? ''));
  if (top?.key !== 'steps') return false;
  return path.length <= 2 || (path.length === 3 && nested.has(third?.key ?? ''));
}

function record(
  path: readonly Level[],
  line: number,
  { defaults, steps }: { defaults: StepKeyLines; steps: Map<string, StepKeyLines> },
): void {
  const [top, ...rest] = path.map(({ key }) => key);
  if (top === 'timeout' && rest.length === 0) defaults[suiteTimeout] = line;
  if (top === 'defaults' && rest.length > 0) defaults[rest.join('.')] = line;
  if (top !== 'steps') return;
  const [id, ...keys] = rest;
  if (id === undefined) return;
  const own = steps.get(id) ?? {};
  steps.set(id, own);
  own[keys.length === 0 ? wholeStep : keys.join('.')] ??= line;
}
