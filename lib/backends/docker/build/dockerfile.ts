/** Characters of a line with a name, and of the name. What is longer names no image. */
const maxLength = 2_000;

/**
 * Names the images that a Dockerfile begins with, each once: not its own stages, not `scratch`, and none whose name
 * depends on what only the builder knows.
 */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>): string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>();
  const images = new Set<string>();
  for (const line of instructions(dockerfile)) {
    const declared = /^ARG\s+(\w+)(?:=(.*))?$/is.exec(line);
    // Only what is declared before the first stage counts for the names of images.
    if (declared?.[1] !== undefined && stages.size === 0 && images.size === 0) {
      const value = args[declared[1]] ?? unquoted(declared[2] ?? '');
      values.set(declared[1], value);
    }
    const from = /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?$/i.exec(line);
    if (!from?.[1]) continue;
    const image = expanded(from[1], values);
    const isOther = image !== null && image !== 'scratch' && !stages.has(image.toLowerCase());
    if (isOther && image.length <= maxLength) images.add(image);
    stages.add(from[2]?.toLowerCase() ?? '');
  }
  return [...images];
}

/** Lines that a backslash joins are one, and comments are left away. */
function instructions(dockerfile: string): string[] {
  return dockerfile
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/[\\`][ \t]*\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(({ length }) => length <= maxLength);
}

/** Null where a variable is used that has no value here. */
function expanded(text: string, values: ReadonlyMap<string, string>): string | null {
  let isKnown = true;
  const image = text.replace(
    /\$(?:(\w+)|\{(\w+)(?::?-([^}$]*))?\})/g,
    (_, plain: string | undefined, braced: string | undefined, fallback: string | undefined) => {
      const value = values.get(plain ?? braced ?? '') || fallback;
      if (value === undefined) isKnown = false;
      return value ?? '';
    },
  );
  return isKnown && !image.includes('$') ? image : null;
}

function unquoted(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/, '$2');
}
