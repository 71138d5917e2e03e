import type { Word } from './shell-script';
import type { Program } from './step-program';

/** Programs that run the file they are given, with the options that take no value of their own. */
const interpreters = new Map([
  ['node', /^--(?:test|enable-source-maps|no-warnings|trace-warnings)$/],
  ...['sh', 'bash', 'ash', 'dash', 'ksh', 'zsh'].map((shell): [string, RegExp] => [shell, /^-[eux]+$/]),
  ...['python', 'python3'].map((python): [string, RegExp] => [python, /^-[uBOsW]+$/]),
  ...['ruby', 'perl'].map((each): [string, RegExp] => [each, /^-w$/]),
  ...['php', 'tsx', 'ts-node', 'bun'].map((each): [string, RegExp] => [each, /^$/]),
]);
const keywords = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'exec', 'time']);
const changesFolder = new Set(['cd', 'pushd', 'popd']);

/**
 * Names the files that a step's program certainly reads below its working folder: `node tests/a.js`, `sh ./x.sh`,
 * `./x.sh`. Whatever is not clear is left out: computed names, options with values, a script that changes its folder,
 * or one that speaks of the same file elsewhere, as in `[ -f x.sh ] && sh x.sh`.
 */
export function namedFiles(program: Program): string[] {
  if ('argv' in program) {
    const file = fileOf(program.argv.map((text) => ({ text, isLiteral: true })));
    return file === null ? [] : [file];
  }
  const { script, source } = program;
  if (script.isObscure || script.commands.some(([first]) => changesFolder.has(first?.text ?? ''))) return [];
  const files = script.commands.flatMap((words) => fileOf(words) ?? []);
  return [...new Set(files)].filter((file) => source.split(file).length === 2);
}

function fileOf(words: readonly Word[]): string | null {
  const start = words.findIndex(({ text }) => !keywords.has(text) && !/^\w+=/.test(text));
  const [program, ...rest] = words.slice(Math.max(0, start));
  if (!program?.isLiteral) return null;
  if (isRelative(program.text) && program.text.includes('/')) return program.text;
  const options = interpreters.get(program.text);
  const file = options && rest.find(({ text }) => !options.test(text));
  return file?.isLiteral && isRelative(file.text) && /\.\w+$/.test(file.text) ? file.text : null;
}

function isRelative(path: string): boolean {
  return /^(?![/-])[\w@.+/-]+$/.test(path);
}
