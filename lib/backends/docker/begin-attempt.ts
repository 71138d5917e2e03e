import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import type { AheadContainer } from './ahead';
import { type AttemptContainer, prepareAttempt, startAttempt } from './attempt';
import { openGate } from './gate';
import type { Output } from './output';
import { resetMocksOnNetwork } from './reset-mocks';
import type { RunContext } from './run-context';

/** Brings a container to where its program runs, whatever of that was done before. False when it was stopped before. */
export async function beginAttempt(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  { container, ahead }: { container: AttemptContainer; ahead: AheadContainer | null },
  output: Output,
): Promise<boolean> {
  const { daemon } = context;
  const isStanding = ahead?.stage === 'standing';
  if (isStanding || container.found === 'created') {
    if (!ahead) await prepareAttempt(context, container.id, step, watch);
    await resetMocksOnNetwork(context, step, watch.signal);
    await output.attach(true, ahead?.attachment ?? undefined);
    if (watch.signal.aborted) return false;
    if (!isStanding) {
      watch.onPhase({ name: 'starting', detail: null });
      await startAttempt(daemon, container.id, step);
    }
  } else if (container.found === 'up') {
    await output.attach(false);
  }
  // Also of one that was found: who began the attempt may not have come to it.
  if (container.ahead === 'gate' && container.found !== 'over')
    await openGate(daemon, container.id, ahead?.gate ?? null);
  return true;
}
