import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nanoid } from 'nanoid';
import { z } from 'zod';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { stepSlug } from '../labels';

/** What an environment knows of itself: its labels and the ports of its services. */
const environmentRecord = z.object({
  installation: z.string(),
  executionId: z.string(),
  suiteId: z.string(),
  profile: z.string(),
  owner: z.string(),
  deadline: z.string(),
  createdAt: z.string(),
  /** By step id and declared port. */
  ports: z.record(z.string(), z.record(z.string(), z.int())),
});
export type EnvironmentRecord = z.infer<typeof environmentRecord>;

const attemptRecord = z.object({ stepId: z.string(), attempt: z.int() });

export interface AttemptFiles {
  stepId: string;
  attempt: number;
  folder: string;
}

/** The folder of an execution. Its id never leads out of `root`. */
export function environmentFolder(root: string, executionId: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(executionId)) {
    throw new AppError('backend_failed', `${JSON.stringify(executionId)} is not an execution's id.`);
  }
  return path.join(root, executionId);
}

export async function readEnvironment(root: string, executionId: string): Promise<EnvironmentRecord | null> {
  const file = path.join(environmentFolder(root, executionId), 'environment.json');
  const text = await readIfThere(file);
  return text === null ? null : environmentRecord.parse(JSON.parse(text));
}

export async function writeEnvironment(root: string, record: EnvironmentRecord): Promise<void> {
  const folder = environmentFolder(root, record.executionId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeWhole(path.join(folder, 'environment.json'), JSON.stringify(record));
}

/** Ids of all executions that have a folder, whoever made it. */
export async function environmentIds(root: string): Promise<string[]> {
  const entries = await readFolder(root);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}

/** Makes the folder of an attempt, or finds it. */
export async function attemptFolder(root: string, step: StepSpec): Promise<string> {
  const name = `${stepSlug(step.stepId)}.${step.attempt}`;
  if (!/^[a-z0-9][a-z0-9.-]*$/i.test(name) || name.length > 250) {
    throw new AppError('backend_failed', `${JSON.stringify(step.stepId)} is not a step's id.`);
  }
  const folder = path.join(environmentFolder(root, step.executionId), 'steps', name);
  for (const child of ['artifacts', 'home', 'tmp'])
    await mkdir(path.join(folder, child), { recursive: true });
  const record = JSON.stringify({ stepId: step.stepId, attempt: step.attempt });
  await writeWhole(path.join(folder, 'attempt.json'), record);
  return folder;
}

export async function attemptsOf(root: string, executionId: string): Promise<AttemptFiles[]> {
  const steps = path.join(environmentFolder(root, executionId), 'steps');
  const attempts: AttemptFiles[] = [];
  for (const { name } of await readFolder(steps)) {
    const folder = path.join(steps, name);
    const text = await readIfThere(path.join(folder, 'attempt.json'));
    if (text !== null) attempts.push({ ...attemptRecord.parse(JSON.parse(text)), folder });
  }
  return attempts;
}

/** Null when there is no such file. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** When the file was written, in ms since 1970; null if there is none. */
export async function writtenAt(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** A reader sees the old file or the new one, never a part. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${nanoid(8)}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
