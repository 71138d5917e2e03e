const line = /^\s*(?:export\s+)?([^=\s]+)=(.*)$/;

/** What a `.env` file says, line by line, quotes taken off; null where it is not one. */
export function readEnvLines(text: string): { name: string; value: string }[] | null {
  const lines = text.split(/\r?\n/).filter((each) => each.trim() !== '' && !each.trim().startsWith('#'));
  const found = lines.flatMap((each) => {
    const [, name, value] = line.exec(each) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value: unquoted(value.trim()) }];
  });
  return found.length > 0 && found.length === lines.length ? found : null;
}

function unquoted(value: string): string {
  return /^(?:'[^']*'|"[^"]*")$/.test(value) ? value.slice(1, -1) : value;
}
