import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type GroupLeader, isAlive, parseProcessState, sendSignal } from '../process-group';
import { readIfThere } from '../scratch';

/** The file that the recorder of a group's output writes. */
export function recordedFile(folder: string, leader: GroupLeader): string {
  return path.join(folder, `output.${leader.pid}`);
}

/** The recorder of a group's output; null when it has ended, or none was started. */
export async function findRecorder(folder: string, leader: GroupLeader): Promise<GroupLeader | null> {
  return readRecorder(path.join(folder, `recorder.${leader.pid}`));
}

/** Asks the recorder to write what is in its pipes, and to end the file. */
export async function endRecording(folder: string, leader: GroupLeader): Promise<void> {
  const recorder = await findRecorder(folder, leader);
  if (recorder) sendSignal(recorder.pid, 'SIGTERM');
}

/** Kills the recorders of an attempt: nobody reads any more what they write. */
export async function killRecorders(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    // Two may remove the same environment.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    if (!name.startsWith('recorder.')) continue;
    const recorder = await readRecorder(path.join(folder, name));
    if (recorder) sendSignal(recorder.pid, 'SIGKILL');
  }
}

async function readRecorder(file: string): Promise<GroupLeader | null> {
  const line = await readIfThere(file);
  const state = line === null ? null : parseProcessState(line);
  if (!state) return null;
  const recorder = { pid: state.pid, startedAt: state.startedAt };
  return (await isAlive(recorder)) ? recorder : null;
}
