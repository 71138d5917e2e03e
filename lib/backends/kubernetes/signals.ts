import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { endsWithin } from '../supervise-program';
import { deletePod } from './attempt-pod';
import type { Cluster } from './cluster';
import { execInPod } from './exec';
import { companionContainer, type Pod } from './objects';
import { endAllScript, killScript, releaseScript, signalScript } from './pod-scripts';

/** From SIGKILL to the news of the end: more means that the node is gone. */
const killLimitMs = 60_000;
const execLimitMs = 10_000;

/**
 * Sends the step's stop signal through the companion, waits for the grace time, and sends SIGKILL. If the companion
 * cannot be reached, the pod is deleted with that grace instead, `onDelete` being told first. Resolves once all of the program has ended, with the last signal that it
 * got, or with null if it had ended before. `onKill` receives the commands that SIGKILL ends.
 */
export async function stopProgram(
  context: { clock: Clock; cluster: Cluster; logger: Logger },
  pod: Pod,
  { graceMs, signal }: { graceMs: number; signal: string },
  ended: Promise<unknown>,
  { onDelete, onKill }: { onDelete: () => void; onKill: (commands: string[]) => void },
): Promise<string | null> {
  const { clock, logger } = context;
  const explain = (error: unknown) => {
    const facts = { pod: pod.metadata.name, namespace: pod.metadata.namespace, error: messageOf(error) };
    logger.warn(facts, 'the companion of a pod cannot stop its program: the pod is deleted instead');
    return null;
  };
  const term = await runScript(context, pod, signalScript, [signalWord(signal)]).catch(explain);
  if (term === null) return deleteInstead(context, pod, graceMs, ended, onDelete);
  const wasThere = term.exitCode === 0;
  if (await endsWithin(clock, ended, graceMs)) return wasThere ? signal : null;
  const killed = await killProgram(context, pod).catch(explain);
  if (killed === null) return deleteInstead(context, pod, 0, ended, onDelete);
  // The news of an end takes a moment; the process list does not.
  if (killed.wasAlive) onKill(killed.commands);
  if (await endsWithin(clock, ended, killLimitMs)) {
    if (killed.wasAlive) return 'SIGKILL';
    return wasThere ? signal : null;
  }
  throw new AppError(
    'backend_failed',
    `The pod ${pod.metadata.name} did not end within ${killLimitMs / 1000} s of SIGKILL: its node does not answer.`,
  );
}

/** The signal as busybox's `kill` takes it. Real-time signals go by number, which in glibc begin at 34. */
function signalWord(name: string): string {
  const realTime = /^SIGRTMIN(?:\+(\d+))?$/.exec(name);
  return realTime ? String(34 + Number(realTime[1] ?? 0)) : name.replace(/^SIG/, '');
}

/** The pod has given all that it had, and may end. Nobody waits for it. */
export async function releasePod(context: { clock: Clock; cluster: Cluster }, pod: Pod): Promise<void> {
  await runScript(context, pod, releaseScript);
}

/** Ends all that runs in the pod, so that it has ended by itself: such a pod is deleted at once. */
export async function endPod(context: { clock: Clock; cluster: Cluster }, pod: Pod): Promise<void> {
  await runScript(context, pod, endAllScript);
}

async function killProgram(
  context: { clock: Clock; cluster: Cluster },
  pod: Pod,
): Promise<{ wasAlive: boolean; commands: string[] }> {
  let text = '';
  const { exitCode } = await runScript(context, pod, killScript, [], async (output) => {
    for await (const chunk of output) text += Buffer.from(chunk).toString('utf8');
  });
  const commands = text.split('\n').flatMap((line) => line.trim() || []);
  return { wasAlive: exitCode === 0, commands };
}

function runScript(
  context: { clock: Clock; cluster: Cluster },
  { metadata }: Pod,
  script: string,
  parameters: string[] = [],
  take?: (output: AsyncIterable<Uint8Array>) => Promise<void>,
) {
  const target = { namespace: metadata.namespace, pod: metadata.name, container: companionContainer };
  const argv = ['/bin/busybox', 'sh', '-c', script, 'gantry', ...parameters];
  return execInPod(context, target, argv, execLimitMs, take);
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
