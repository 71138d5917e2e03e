import { readShellScript, type ShellScript } from './shell-script';

const shells = new Set(['sh', 'bash', 'ash', 'dash', 'ksh', 'zsh']);

/** The program of a step: a script for a shell, or a list of arguments that nothing expands. */
export type Program = { script: ShellScript; source: string } | { argv: readonly string[] };

/** Reads a step's argv. `sh -c SCRIPT`, which `run: SCRIPT` stands for, is a script. */
export function readProgram(argv: readonly string[]): Program {
  const [program = '', ...args] = argv;
  const name = program.slice(program.lastIndexOf('/') + 1);
  const option = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  const source = args[option + 1];
  if (!shells.has(name) || option < 0 || source === undefined) return { argv };
  return { script: readShellScript(source), source };
}
