import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import { endsWithin } from '../ending';
import { deletePod } from './attempt-pod';
import type { Cluster } from './cluster';
import { execInPod } from './exec';
import { companionContainer, type Pod } from './objects';
import { endAllScript, releaseScript, signalScript } from './pod-scripts';

/** From SIGKILL to the news of the end: more means that the node is gone. */
const killLimitMs = 60_000;
const execLimitMs = 10_000;

/**
 * SIGTERM through the companion, the grace time, SIGKILL. A pod whose companion cannot be reached is deleted with that
 * grace instead, `onDelete` being told first. Resolves once the program has ended, with the last signal that it got.
 */
export async function stopProgram(
  context: { clock: Clock; cluster: Cluster },
  pod: Pod,
  graceMs: number,
  ended: Promise<unknown>,
  onDelete: () => void,
): Promise<'SIGTERM' | 'SIGKILL'> {
  const { clock } = context;
  const term = await signalProgram(context, pod, 'TERM').catch(() => null);
  if (term === null) return deleteInstead(context, pod, graceMs, ended, onDelete);
  if (await endsWithin(clock, ended, graceMs)) return 'SIGTERM';
  // The news of an end takes a moment; the process list does not.
  const wasAlive = await signalProgram(context, pod, 'KILL').catch(() => null);
  if (wasAlive === null) return deleteInstead(context, pod, 0, ended, onDelete);
  if (await endsWithin(clock, ended, killLimitMs)) return wasAlive ? 'SIGKILL' : 'SIGTERM';
  throw new AppError(
    'backend_failed',
    `The pod ${pod.metadata.name} did not end within ${killLimitMs / 1000} s of SIGKILL: its node does not answer.`,
  );
}

/** The pod has given all that it had, and may end. Nobody waits for it. */
export async function releasePod(context: { clock: Clock; cluster: Cluster }, pod: Pod): Promise<void> {
  await runScript(context, pod, releaseScript);
}

/** Ends all that runs in the pod, so that it has ended by itself: such a pod is deleted at once. */
export async function endPod(context: { clock: Clock; cluster: Cluster }, pod: Pod): Promise<void> {
  await runScript(context, pod, endAllScript);
}

/** False when there is no process of the step any more. */
async function signalProgram(
  context: { clock: Clock; cluster: Cluster },
  pod: Pod,
  signal: 'TERM' | 'KILL',
): Promise<boolean> {
  const { exitCode } = await runScript(context, pod, signalScript, signal);
  return exitCode === 0;
}

function runScript(
  context: { clock: Clock; cluster: Cluster },
  { metadata }: Pod,
  script: string,
  ...parameters: string[]
) {
  const target = { namespace: metadata.namespace, pod: metadata.name, container: companionContainer };
  return execInPod(
    context,
    target,
    ['/bin/busybox', 'sh', '-c', script, 'gantry', ...parameters],
    execLimitMs,
  );
}

async function deleteInstead(
  { clock, cluster }: { clock: Clock; cluster: Cluster },
  { metadata }: Pod,
  graceMs: number,
  ended: Promise<unknown>,
  onDelete: () => void,
): Promise<'SIGTERM' | 'SIGKILL'> {
  onDelete();
  await deletePod(cluster, metadata.namespace, metadata.name, Math.max(1, Math.ceil(graceMs / 1000)));
  const inGrace = await endsWithin(clock, ended, graceMs);
  if (inGrace || (await endsWithin(clock, ended, killLimitMs))) return inGrace ? 'SIGTERM' : 'SIGKILL';
  throw new AppError(
    'backend_failed',
    `The pod ${metadata.name} did not end within ${killLimitMs / 1000} s of its grace time: its node does not answer.`,
  );
}
