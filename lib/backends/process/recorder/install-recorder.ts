import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { nanoid } from 'nanoid';
import type { Logger } from '../../../model/logger';
import { stepRecorderPrograms } from './step-recorder-programs';

const run = promisify(execFile);

/** The architectures of Node for which there is a recorder. */
const programs: Record<string, string> = {
  x64: stepRecorderPrograms.amd64,
  arm64: stepRecorderPrograms.arm64,
};
/** The folder of the program beside the environments. */
const folderName = '.recorder';
const trialMs = 10_000;

/**
 * Writes the recorder of steps' output below the root and tries it. Resolves with its path, or with null where it cannot
 * run: on another system or architecture, or where programs of this folder may not be executed.
 */
export async function installRecorder({ logger }: { logger: Logger }, root: string): Promise<string | null> {
  const program = process.platform === 'linux' ? programs[process.arch] : undefined;
  if (program === undefined) return null;
  try {
    const file = await writeProgram(path.join(root, folderName), Buffer.from(program, 'base64'));
    await tryProgram(path.dirname(file), file);
    return file;
  } catch (error) {
    logger.warn(
      { root, error },
      'the recorder of output cannot run here: lines of stdout and stderr are ordered within 10 ms only',
    );
    return null;
  }
}

async function writeProgram(folder: string, program: Buffer): Promise<string> {
  const digest = createHash('sha256').update(program).digest('hex').slice(0, 16);
  const file = path.join(folder, `step-recorder-${digest}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${nanoid(8)}`;
  await writeFile(draft, program, { mode: 0o700 });
  await chmod(draft, 0o700);
  await rename(draft, file);
  return file;
}

async function tryProgram(parent: string, file: string): Promise<void> {
  const folder = await mkdtemp(path.join(parent, 'trial-'));
  try {
    await run(/*turbopackIgnore: true*/ file, [folder, '1', '/bin/sh', '-c', ':'], { timeout: trialMs });
    const made = await readdir(folder);
    if (!made.some((name) => name.startsWith('output.'))) throw new Error('the recorder wrote no file');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
