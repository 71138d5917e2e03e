import { randomBytes } from 'node:crypto';
import type { StepSpec } from '../../model/step-spec';
import type { ResourceIntent, StepWatch } from '../backend';
import { attemptName, environmentName } from '../labels';
import { type AttemptContainer, createAttempt, findAttempt } from './attempt';
import { type ProvidedImage, provideImage } from './provide-image';
import type { RunContext } from './run-context';
import { provideVolumes } from './step-volumes';

export interface Provided {
  container: AttemptContainer;
  /** Null if another control plane created the container. */
  image: ProvidedImage | null;
}

type ProvideWatch = Pick<StepWatch, 'signal' | 'onPhase' | 'resumeAfter' | 'registryLogin'>;

/**
 * The container of an attempt with what it needs, found or made; null when it was stopped before. With `ahead` it is made
 * before the step may run, behind a gate where that is wanted and there is one.
 */
export async function provideAttempt(
  context: RunContext,
  step: StepSpec,
  watch: ProvideWatch,
  log: (text: string) => void,
  ahead?: { wantsGate: boolean },
): Promise<Provided | null> {
  const { daemon, installation } = context;
  if (watch.resumeAfter) {
    const found = await findAttempt(daemon, installation, step);
    if (found) return { container: found, image: null };
  }
  // Written while image and package are made ready, so that the step does not wait for it.
  const intended = context.ledger.intend(step.executionId, [intentOf(step)], watch.signal);
  intended.catch(() => undefined);
  let image: ProvidedImage;
  try {
    image = await provideImage(context, step, watch, log);
  } catch (error) {
    if (watch.signal.aborted) return null;
    throw error;
  }
  const owner = context.ownerOf(step.executionId);
  const withImage = { ...step, node: { ...step.node, image: image.name } };
  // What is built is not what fills them.
  const volumes = await provideVolumes(context, step.node.build === null ? withImage : step, owner);
  try {
    await intended;
  } catch (error) {
    if (!watch.signal.aborted) throw error;
  }
  if (watch.signal.aborted) return null;
  watch.onPhase({ name: 'creating', detail: null });
  const network = environmentName(step.executionId);
  const gate = ahead?.wantsGate && volumes.stepInit !== null ? randomBytes(8).toString('hex') : null;
  const names = { installation, owner, network, volumes, hardening: context.hardening };
  const container = await createAttempt(
    context,
    withImage,
    ahead ? { ...names, ahead: { gate } } : names,
    watch.signal,
  );
  context.onCreated(step.executionId, 'container', attemptName(step), container.id);
  return { container, image };
}

function intentOf(step: StepSpec): ResourceIntent {
  const { stepId, attempt } = step;
  return { kind: 'container', name: attemptName(step), stepId, attempt };
}
