import { chmod, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { RemovalReceipt } from '../../model/receipt';
import type { OnRemoved } from '../backend';
import { attemptName } from '../labels';
import { processesWithEnv, sendSignal } from './process-group';
import { killRecorders } from './recorder/recorder-process';
import { attemptsOf, environmentFolder, isFolder, readEnvironment } from './scratch';
import { findLeader, killGroup } from './step-program';

/** Kills every process of the execution, then removes its folder. */
export async function removeEnvironment(
  { clock }: { clock: Clock },
  { root, installation }: { root: string; installation: string },
  executionId: string,
  onRemoved?: OnRemoved,
): Promise<RemovalReceipt> {
  const folder = environmentFolder(root, executionId);
  const receipt: RemovalReceipt = { created: 0, removed: 0, left: [] };
  if (!(await isFolder(folder))) return receipt;
  const environment = await readEnvironment(root, executionId);
  if (environment && environment.installation !== installation) return receipt;

  function note(kind: 'process' | 'folder', name: string, reason: string | null): void {
    receipt.created += 1;
    if (reason === null) {
      receipt.removed += 1;
      onRemoved?.({ kind, name });
    } else receipt.left.push({ kind, name, reason });
  }

  const attempts = (await attemptsOf(root, executionId)).reverse();
  for (const attempt of attempts) {
    const leader = await findLeader(attempt.folder);
    if (!leader) continue;
    const left = await killGroup({ clock }, leader);
    note(
      'process',
      attemptName({ executionId, ...attempt }),
      left.length > 0 ? 'does not end by SIGKILL' : null,
    );
  }
  // Those that left their group keep the env, which names the folder.
  for (const pid of await processesWithEnv(`${folder}${path.sep}`)) {
    sendSignal(pid, 'SIGKILL');
    note('process', `process ${pid}`, null);
  }
  // A recorder ends with those that print to it; one that is still there keeps what nobody will read.
  for (const attempt of attempts) await killRecorders(attempt.folder);
  note('folder', folder, await removeFolder(folder));
  return receipt;
}

/** With all that is in it, also read-only folders. Resolves with the reason why it is still there, or null. */
export async function removeFolder(folder: string): Promise<string | null> {
  try {
    await allowWrite(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Nothing can be removed from a read-only folder, as a package's is. */
async function allowWrite(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await allowWrite(path.join(folder, entry.name));
  }
}
