/** A part of a text, by its offsets. */
export interface Section {
  start: number;
  end: number;
}

const keyLine = /^( *)(["']?)([\w./-]+)\2[ \t]*:(?=[ \t]|$)/;

/**
 * Finds the keys of a block mapping, each with its line and all that is below it, by indentation alone and so without a
 * syntax tree. Empty when the part is laid out in any other way. The first of equal keys counts.
 */
export function sectionsOf(text: string, { start, end }: Section): Map<string, Section> {
  const found: { key: string; start: number }[] = [];
  let indent: number | null = null;
  for (const { line, offset } of linesOf(text, start, end)) {
    const depth = line.length - line.trimStart().length;
    const content = line.slice(depth);
    if (content === '' || content.startsWith('#') || (depth === 0 && content === '---')) continue;
    indent ??= depth;
    if (depth > indent) continue;
    const key = depth === indent ? keyLine.exec(line)?.[3] : undefined;
    if (key === undefined) return new Map();
    found.push({ key, start: offset });
  }
  const sections = new Map<string, Section>();
  for (const [index, { key, start: from }] of found.entries()) {
    if (!sections.has(key)) sections.set(key, { start: from, end: found[index + 1]?.start ?? end });
  }
  return sections;
}

/** Returns the part below the key's line; null if its value begins on that line. */
export function belowKey(text: string, { start, end }: Section): Section | null {
  const newline = text.indexOf('\n', start);
  if (newline < 0 || newline >= end) return null;
  const line = text.slice(start, newline);
  const rest = line.slice(keyLine.exec(line)?.[0].length ?? 0).trim();
  return rest === '' || rest.startsWith('#') ? { start: newline + 1, end } : null;
}

function* linesOf(text: string, start: number, end: number): Generator<{ line: string; offset: number }> {
  for (let offset = start; offset < end; ) {
    const newline = text.indexOf('\n', offset);
    const next = newline < 0 ? end : Math.min(newline, end);
    yield { line: text.slice(offset, next).replace(/\r$/, ''), offset };
    offset = next + 1;
  }
}
