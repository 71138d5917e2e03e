const maxMessage = 500;
const maxSearched = 64 * 1024;

/** Lines that say that something failed, and nothing of what. */
const empty = [
  /^[\s\p{P}\p{S}]*$/u,
  /^(?:test )?(?:failed|failure|error|errored|exception|fail|not ok|true|failed:|error:)[.!]?$/i,
  // go test frames its output.
  /^=== (?:RUN|PAUSE|CONT|NAME)\b/,
  /^\s*--- (?:FAIL|PASS|SKIP): /,
  // bats names the place before the command.
  /^\((?:in test file|from function) .*[,)]$/,
  /^\s*Traceback \(most recent call last\):$/,
  /^File ".*", line \d+$/,
  /^Failure\/Error:?$/,
  /^collection failure$/,
  // GoogleTest puts the place before the reason.
  /^(?:[\w./\\ -]+:\d+(?::\d+)?:?|unknown file)$/,
  // Newman counts what it repeats.
  /^Iteration: \d+$/,
];

/**
 * The first line of the given texts that tells what went wrong, at most 500 characters; null when none does. Lines that
 * only repeat the name of the case are passed over.
 */
export function tellingLine(texts: readonly string[], names: readonly string[] = []): string | null {
  for (const text of texts) {
    // pytest marks the lines that tell in a trace.
    const marked = [...text.slice(0, maxSearched).matchAll(/^E {2,}(\S.*)$/gm)].map(([, line = '']) =>
      line.trim(),
    );
    const raised = marked.find((line) => /^\w+(?:Error|Exception)\b/.test(line)) ?? marked[0];
    if (raised !== undefined && isTelling(raised, names)) return limit(raised);
    let start = 0;
    while (start <= text.length) {
      const end = text.indexOf('\n', start);
      const line = text.slice(start, end < 0 ? text.length : end).trim();
      if (isTelling(line, names)) return limit(line);
      if (end < 0) break;
      start = end + 1;
    }
  }
  return null;
}

function isTelling(line: string, names: readonly string[]): boolean {
  return line !== '' && !names.includes(line) && !empty.some((pattern) => pattern.test(line.slice(0, 1_000)));
}

function limit(line: string): string {
  return line.length > maxMessage ? `${line.slice(0, maxMessage)}…` : line;
}
