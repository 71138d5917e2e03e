/** Where a command writes, and how it may. */
export interface Terminal {
  env: Record<string, string | undefined>;
  /** Somebody looks at it: it may be drawn anew and coloured. */
  isInteractive: boolean;
  /** The CI server that reads the output, where it is one that groups lines. */
  ci: 'github' | 'gitlab' | null;
  /** Results: what another program may read. */
  print(text: string): void;
  /** What happens meanwhile, and what went wrong. */
  note(text: string): void;
}

export function openTerminal(env: Record<string, string | undefined>): Terminal {
  // A reader that has had enough, as `head` does, ends the command quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const ci = env.GITHUB_ACTIONS === 'true' ? 'github' : env.GITLAB_CI === 'true' ? 'gitlab' : null;
  return {
    env,
    ci,
    isInteractive: process.stdout.isTTY === true && ci === null && env.CI !== 'true' && env.TERM !== 'dumb',
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** What every command gets. */
export interface CommandContext {
  terminal: Terminal;
  json: boolean;
}

/** Prints one document for programs, or what `human` writes for people. */
export function printResult(
  { terminal, json }: CommandContext,
  document: unknown,
  human: () => readonly string[],
): void {
  if (json) terminal.print(JSON.stringify(document));
  else for (const line of human()) terminal.print(line);
}
