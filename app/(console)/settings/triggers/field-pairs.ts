/** Lines `NAME=field` as a mapping; throws with the line that is none. */
export function readPairs(text: string): Record<string, string> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at < 1 || at === line.length - 1) throw new Error(`Expected NAME=field, found ${line}.`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
