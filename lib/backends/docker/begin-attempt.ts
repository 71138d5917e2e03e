import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { attemptName } from '../labels';
import type { AheadContainer } from './ahead';
import { type AttemptContainer, prepareAttempt, startAttempt } from './attempt';
import { renameContainer } from './containers';
import { type Daemon, refusalStatus } from './daemon';
import { lookAtGate, releaseProgram } from './gate';
import type { Output } from './output';
import { resetMocksOnNetwork } from './reset-mocks';
import type { RunContext } from './run-context';

/** `lost`: its program has not run and never will in this container. `stopped`: the signal ended before it ran. */
export type Begun = 'runs' | 'lost' | 'stopped';

/** Brings a container to where its program runs, whatever of that was done before. */
export async function beginAttempt(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  { container, ahead }: { container: AttemptContainer; ahead: AheadContainer | null },
  output: Output,
): Promise<Begun> {
  const { daemon } = context;
  const isStarted = ahead?.stage === 'standing' || container.found !== 'created';
  if (!ahead && isStarted) {
    const state = await gateOfFound(daemon, container, watch);
    if (state === 'lost') return 'lost';
    if (state === 'released') {
      if (container.found === 'up') await output.attach(false);
      return 'runs';
    }
  }
  if (!ahead && !isStarted) await prepareAttempt(context, container.id, step, watch);
  await resetMocksOnNetwork(context, step, watch.signal);
  await output.attach(true, ahead?.attachment ?? undefined);
  if (watch.signal.aborted) return 'stopped';
  if (ahead && !(await takeName(daemon, container.id, attemptName(step)))) return 'lost';
  if (!isStarted) {
    watch.onPhase({ name: 'starting', detail: null });
    await startAttempt(daemon, container.id, step);
  }
  if (container.gate === null) return 'runs';
  const state = await releaseProgram(
    context,
    container.id,
    container.gate,
    ahead?.gate ?? null,
    watch.signal,
  );
  return state === 'released' ? 'runs' : state === 'lost' ? 'lost' : 'stopped';
}

/** Of a container that was started before: who began the attempt may not have come to release it. */
async function gateOfFound(daemon: Daemon, { id, gate }: AttemptContainer, watch: StepWatch) {
  if (gate === null || watch.wasRunning) return 'released';
  // A machine that fails leaves any exit code.
  return lookAtGate(daemon, id, gate, () => true);
}

/** False when it is gone, or another container has the name: then that one is the attempt. */
async function takeName(daemon: Daemon, container: string, name: string): Promise<boolean> {
  try {
    await renameContainer(daemon, container, name);
    return true;
  } catch (error) {
    const status = refusalStatus(error);
    if (status === 404 || status === 409) return false;
    throw error;
  }
}
