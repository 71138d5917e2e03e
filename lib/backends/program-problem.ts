import path from 'node:path';

/** What is at a path; a link is not followed. */
export interface FileFacts {
  type: 'file' | 'directory' | 'link' | 'other';
  /** Permission bits. */
  mode: number;
  /** Of a link. */
  target: string | null;
}

/** The files that a step's program had before it. */
export interface StepFiles {
  /** Null when there is nothing. */
  inspect(file: string): Promise<FileFacts | null>;
  /** The first bytes of a regular file, some thousand at the most. */
  readStart(file: string): Promise<Uint8Array>;
}

export interface ProgramProblem {
  /** As a shell tells it: 127 not found, 126 not executable. */
  exitCode: 126 | 127;
  /** Without a full stop, to stand in brackets. */
  sentence: string;
}

const maxLinks = 20;

/**
 * Why a program cannot be run, from the files alone: the same on every backend, however the engine and its init process
 * word it. Null when nothing is wrong with it.
 */
export async function findProgramProblem(
  files: StepFiles,
  { program, folder, searchPath }: { program: string; folder: string; searchPath: string },
): Promise<ProgramProblem | null> {
  const candidates = program.includes('/')
    ? [path.posix.resolve(folder, program)]
    : searchPath.split(':').map((each) => path.posix.resolve(folder, each, program));
  let problem: ProgramProblem | null = null;
  for (const candidate of program === '' ? [] : new Set(candidates)) {
    const file = await followLinks(files, candidate);
    if (!file) continue;
    const found = await problemOf(files, file, program);
    if (!found) return null;
    problem ??= found;
  }
  return problem ?? { exitCode: 127, sentence: `the command ${quote(program)} was not found` };
}

/**
 * The same for the programs that a shell script names by path where a command stands; only one whose problem explains
 * the exit code counts.
 */
export async function findScriptProblem(
  files: StepFiles,
  { script, folder, exitCode }: { script: string; folder: string; exitCode: number },
): Promise<ProgramProblem | null> {
  for (const [, program = ''] of script.matchAll(commandWord)) {
    if (!program.includes('/')) continue;
    const problem = await findProgramProblem(files, { program, folder, searchPath: '' });
    if (problem?.exitCode === exitCode) return problem;
  }
  return null;
}

/** A plain word at the beginning of a simple command. */
const commandWord = /(?:^|[;&|\n({]|\bthen\b|\bdo\b|\bexec\b)[ \t]*([\w./+-]+)/g;

async function problemOf(
  files: StepFiles,
  { name, facts }: { name: string; facts: FileFacts },
  program: string,
): Promise<ProgramProblem | null> {
  if (facts.type === 'directory') return notExecutable(`${quote(program)} is a folder and not a program`);
  if (facts.type !== 'file') return notExecutable(`${quote(program)} is not a regular file`);
  if ((facts.mode & 0o111) === 0) {
    return notExecutable(`${quote(program)} may not be executed: give the file the permission x (chmod +x)`);
  }
  const start = Buffer.from(await files.readStart(name));
  const interpreter = scriptInterpreter(start) ?? elfInterpreter(start);
  if (interpreter === null) return null;
  if (interpreter.endsWith('\r')) {
    const sentence = `${quote(program)} has Windows line endings (CRLF): its first line asks for the interpreter ${quote(interpreter)}`;
    return { exitCode: 127, sentence };
  }
  if (await followLinks(files, path.posix.resolve('/', interpreter))) return null;
  const sentence = `${quote(program)} needs ${interpreter}, which was not found`;
  return { exitCode: 127, sentence };
}

function notExecutable(sentence: string): ProgramProblem {
  return { exitCode: 126, sentence };
}

async function followLinks(
  files: StepFiles,
  file: string,
): Promise<{ name: string; facts: FileFacts } | null> {
  let name = file;
  for (let links = 0; links < maxLinks; links += 1) {
    const facts = await files.inspect(name);
    if (!facts) return null;
    if (facts.type !== 'link' || facts.target === null) return { name, facts };
    name = path.posix.resolve(path.posix.dirname(name), facts.target);
  }
  return null;
}

/** Of a `#!` line. */
function scriptInterpreter(start: Buffer): string | null {
  if (start.toString('latin1', 0, 2) !== '#!') return null;
  const end = start.indexOf(0x0a);
  const line = start.toString('utf8', 2, end < 0 ? undefined : end);
  return /^[ \t]*([^ \t]+)/.exec(line)?.[1] ?? null;
}

/** The loader that a dynamically linked program names in its header; of 64-bit little-endian files alone. */
function elfInterpreter(start: Buffer): string | null {
  if (start.length < 64 || start.readUInt32BE(0) !== 0x7f454c46 || start[4] !== 2 || start[5] !== 1)
    return null;
  const table = Number(start.readBigUInt64LE(32));
  const entryBytes = start.readUInt16LE(54);
  for (let index = 0; index < start.readUInt16LE(56); index += 1) {
    const at = table + index * entryBytes;
    if (at + 56 > start.length) return null;
    if (start.readUInt32LE(at) !== 3) continue;
    const from = Number(start.readBigUInt64LE(at + 8));
    const text = start.subarray(from, from + Number(start.readBigUInt64LE(at + 32)));
    return text.length === 0 ? null : text.toString('utf8').replace(/\0.*$/s, '');
  }
  return null;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
