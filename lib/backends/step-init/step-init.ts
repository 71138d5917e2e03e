import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { stepInitPrograms } from './step-init-programs';

/** Where the first process of a step's container is found in it. */
export const stepInitFolder = '/gantry/bin';

const program = `${stepInitFolder}/step-init`;
const gateOption = '-g';

/** The exit code of a `step-init` that ended while it waited for its release: the program has not run. */
export const neverReleasedCode = 117;

/**
 * The architectures of engines, in their own words, for which there is a `step-init`. On another one the engine's own
 * init process is used, which ends a step with its first process.
 */
const architectures: Record<string, keyof typeof stepInitPrograms> = {
  amd64: 'amd64',
  x86_64: 'amd64',
  arm64: 'arm64',
  aarch64: 'arm64',
};

/** The program for an architecture; null when there is none. */
export function stepInitFor(architecture: string): Buffer | null {
  const known = architectures[architecture];
  return known === undefined ? null : Buffer.from(stepInitPrograms[known], 'base64');
}

/** A tar stream of a folder with the program, which is called `step-init`. */
export function packStepInit(program: Buffer): AsyncIterable<Uint8Array> {
  const archive = pack();
  archive.entry({ name: 'step-init', mode: 0o755 }, program);
  archive.finalize();
  return Readable.from(archive, { objectMode: false });
}

/** The argv of a container whose program runs under `step-init`. */
export function underStepInit({ folder, leftSeconds, command, gate = null }: UnderStepInit): string[] {
  const wait = gate === null ? [] : [gateOption, gate];
  return [program, ...wait, '-w', String(leftSeconds), folder, ...command];
}

interface UnderStepInit {
  folder: string;
  /** For processes that the program leaves behind. */
  leftSeconds: number;
  command: readonly string[];
  /** It runs nothing before this word has come on its standard input. */
  gate?: string | null;
}

/** The word that opens the gate of a container, from its argv after the program; null when it has none. */
export function gateWordIn(words: readonly string[]): string | null {
  return words[0] === gateOption ? (words[1] ?? null) : null;
}

/** Whether a process is a `step-init` that waits for the word, by its arguments: once released it has others. */
export function waitsForRelease(commandLine: string, gate: string): boolean {
  return commandLine.startsWith(`${program} ${gateOption} ${gate} `);
}
