/** What a letter also stands for when case does not count, outside ASCII: the Kelvin sign and the long s. */
const folded = /[ks]/i;
const literal = /[\x20-\x7e]/;

/**
 * A text in lower case that each line has, letter case aside, that a pattern in RE2 syntax matches; empty where none is
 * known for sure. It may be found much faster than the pattern, and then only lines that have it need a look.
 */
export function requiredText(pattern: string): string {
  const runs: string[] = [];
  let run = '';
  const end = () => {
    runs.push(run);
    run = '';
  };
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    if (character === '|' && depth === 0) return '';
    if (character === '[') {
      end();
      const close = endOfClass(pattern, at);
      if (close === null) return '';
      at = close;
    } else if (character === '\\') {
      at += 1;
      const escaped = pattern[at] ?? '';
      // `\Q…\E` and escapes of several characters are not taken apart.
      if (/[QxpP0-9]/.test(escaped)) return '';
      if (/[A-Za-z]/.test(escaped)) end();
      else if (depth === 0) run += escaped;
    } else if (character === '(') {
      end();
      // Flags alone are no group: what follows them may belong to what stands before, as the `?` in `d(?i)?`.
      const flags = /^\(\?[a-zA-Z-]*\)/.exec(pattern.slice(at))?.[0];
      if (flags !== undefined && at > 0) return '';
      depth += 1;
    } else if (character === ')') {
      end();
      depth -= 1;
    } else if ('*?{'.includes(character)) {
      const count = /^\{\d+(,\d*)?\}/.exec(pattern.slice(at))?.[0];
      // Other braces stand for themselves.
      if (character === '{' && count === undefined) return '';
      run = run.slice(0, -1);
      end();
      if (count !== undefined) at += count.length - 1;
    } else if (depth > 0 || '.^$+'.includes(character)) end();
    else if (literal.test(character) && !folded.test(character)) run += character;
    else end();
  }
  end();
  return runs.reduce((longest, each) => (each.length > longest.length ? each : longest), '').toLowerCase();
}

/** The index of the bracket that closes the class; null: it has none, or a class within it. */
function endOfClass(pattern: string, start: number): number | null {
  let at = start + 1;
  if (pattern[at] === '^') at += 1;
  if (pattern[at] === ']') at += 1;
  for (; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === '[') return null;
    else if (pattern[at] === ']') return at;
  }
  return null;
}
