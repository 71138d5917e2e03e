import { isProgramText } from '../../model/template';
import type { Expansion } from './shell-script';
import type { Program } from './step-program';

/** The kind of text that a `$NAME` is in, which decides whether anything expands it. */
export type VariableForm =
  /** A script: the shell expands it. */
  | 'script'
  /** `run` as a list: nothing expands it. */
  | 'list'
  /** `args` or `entrypoint`: nothing expands it. */
  | 'args'
  /** A value of `env`: nothing expands it. */
  | 'env';

/** A `$NAME` or `${NAME}` that may not turn into what its author means. */
export interface VariableMention {
  name: string;
  /** The text to find it by in the file: `$NAME` or `${NAME`. */
  token: string;
  form: VariableForm;
}

const expansion = /\$(\{)?([A-Z_][A-Z0-9_]+)(?![A-Za-z0-9_])/g;
/** Programs for which `$` in an argument has a meaning of its own. */
const expandsItself = new Set([
  'awk',
  'gawk',
  'mawk',
  'perl',
  'envsubst',
  'jq',
  'yq',
  'psql',
  'make',
  'find',
  'sed',
]);
const readsOthers = new Set(['.', 'source', 'eval', 'envsubst']);

/**
 * Finds the variables that a program uses and does not set itself. Names of the usual form in capitals only; a script
 * that reads variables from elsewhere, and a name with a default, are left out.
 */
export function variablesIn(program: Program): VariableMention[] {
  if ('argv' in program) return variablesInList(program.argv);
  const { script, source } = program;
  const first = script.commands.map((words) => words[0]?.text ?? '');
  if (script.isObscure || first.some((word) => readsOthers.has(word))) return [];
  return distinct(script.expansions.filter((each) => isPlainUse(each) && !isSetIn(source, each.name))).map(
    ({ name, token }) => ({ name, token, form: 'script' }),
  );
}

/** Finds what looks like a variable in a value that is taken as it is. */
export function variablesInText(text: string, form: VariableForm): VariableMention[] {
  const found = [...text.matchAll(expansion)].map(([, brace = '', name = '']) => ({
    name,
    token: `$${brace}${name}`,
    form,
  }));
  return distinct(found);
}

/** Finds what looks like a variable in a list of arguments, which nothing expands. */
export function variablesInList(argv: readonly string[], form: 'list' | 'args' = 'list'): VariableMention[] {
  const [program = ''] = argv;
  if (expandsItself.has(program) || argv.some((_, index) => isProgramText(argv, index))) return [];
  return distinct(argv.slice(form === 'list' ? 1 : 0).flatMap((arg) => variablesInText(arg, form)));
}

function isPlainUse({ name, hasDefault }: Expansion): boolean {
  return !hasDefault && /^[A-Z_][A-Z0-9_]+$/.test(name);
}

/** Tells whether a script may set a name: it occurs without `$`, as in `NAME=`, `read NAME`, `for NAME in`. */
function isSetIn(source: string, name: string): boolean {
  return new RegExp(`(?<![\\w$]|\\$\\{)${name}(?!\\w)`).test(source);
}

function distinct<T extends { name: string }>(mentions: readonly T[]): T[] {
  return [...new Map(mentions.map((mention) => [mention.name, mention])).values()];
}
