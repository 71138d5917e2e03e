import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { OpenPackage, StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { aheadName, attemptName, labelNames } from '../labels';
import { gateWordIn } from '../step-init/step-init';
import { makeArtifactsFolder } from './artifacts';
import { type ContainerNames, containerConfig, isContainerOf } from './container-config';
import {
  type ContainerState,
  createContainer,
  hasEnded,
  inspectContainer,
  removeContainer,
  whileNameIsTaken,
} from './containers';
import { type Daemon, DaemonRefusal, refusalStatus, slowMs } from './daemon';
import { placeFiles } from './placed-files';
import { placeSecrets } from './secret-files';
import { placeInputs } from './step-inputs';

/** The container of an attempt: just made, or found. */
export interface AttemptContainer {
  id: string;
  /** `created`: not started yet. `up`: somebody started it before. `over`: it has ended. */
  found: 'created' | 'up' | 'over';
  /** The word that releases its program, where it was made before its step could run; null: it has no gate. */
  gate: string | null;
}

/** Null when there is none. Rejects when the name belongs to a container that is not this attempt's. */
export async function findAttempt(
  daemon: Daemon,
  installation: string,
  step: StepSpec,
  name = attemptName(step),
): Promise<AttemptContainer | null> {
  const container = await inspectContainer(daemon, name);
  if (!container) return null;
  if (!isContainerOf(container.Config.Labels, installation, step)) {
    throw new AppError(
      'backend_failed',
      `A container called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
    );
  }
  const isGated = container.Config.Labels?.[labelNames.ahead] === 'gate';
  return {
    id: container.Id,
    found: stageOf(container.State),
    gate: isGated ? gateWordIn(container.Config.Cmd ?? []) : null,
  };
}

/** With `names.ahead` under a name that nobody adopts: see `aheadName`. */
export function createAttempt(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  step: StepSpec,
  names: ContainerNames,
  signal: AbortSignal,
): Promise<AttemptContainer> {
  const name = names.ahead ? aheadName(step) : attemptName(step);
  return whileNameIsTaken({ clock, daemon }, name, signal, async () => {
    try {
      const id = await createContainer(
        daemon,
        name,
        containerConfig(step, names, daemon.name),
        step.node.container.platform,
      );
      return { id, found: 'created', gate: names.ahead?.gate ?? null };
    } catch (error) {
      const status = refusalStatus(error);
      if (status === 404) throw imageRemoved(step, error);
      const found = status === null ? null : await findAttempt(daemon, names.installation, step, name);
      if (found && !names.ahead) return found;
      // Somebody made it who is gone: it was not released, and is not adopted.
      if (found) await removeContainer(daemon, found.id, name);
      throw error;
    }
  });
}

function imageRemoved(step: StepSpec, cause: unknown): AppError {
  const image = step.node.image ?? defaultImage;
  return new AppError('image_missing', `The image ${image} was removed while step ${step.stepId} started.`, {
    cause,
  });
}

/**
 * Starts a created container; harmless when it runs already. Rejects with AppError `backend_failed` when the step
 * cannot be started.
 */
export async function startAttempt(daemon: Daemon, container: string, step: StepSpec): Promise<void> {
  try {
    await daemon.call(`start step ${step.stepId}`, slowMs, (docker, abortSignal) =>
      docker.getContainer(container).start({ abortSignal }),
    );
  } catch (error) {
    if (refusalStatus(error) === 304) return;
    if (!(error instanceof DaemonRefusal)) throw error;
    const place = step.node.cwd === null ? '' : ` in the folder ${step.node.cwd}`;
    throw new AppError(
      'backend_failed',
      `Step ${step.stepId} could not be started${place}: ${plainRuntimeError(error.said)}`,
      { cause: error },
    );
  }
}

/** Brings the step's own files and those of earlier steps, and a folder for artifacts that outlives the program; without exports a tmpfs is mounted in its place. */
export async function prepareAttempt(
  context: { daemon: Daemon; openPackage: OpenPackage },
  container: string,
  step: StepSpec,
  watch: Pick<StepWatch, 'openInput'>,
): Promise<void> {
  if (step.node.exports.length > 0) {
    await makeArtifactsFolder(context.daemon, container, step.node.container.readOnly);
  }
  await placeFiles(context, container, step);
  await placeInputs(context.daemon, container, step, watch);
  await placeSecrets(context.daemon, container, step);
}

function stageOf(state: ContainerState): AttemptContainer['found'] {
  if (state.Status === 'created') return 'created';
  return hasEnded(state) ? 'over' : 'up';
}

/** The runtime nests its errors; the last part is what a person needs. */
function plainRuntimeError(said: string): string {
  const inner = /(exec|chdir|mkdir|stat|mount).*$/s.exec(said)?.[0];
  return (inner ?? said).replace(/: unknown$/, '');
}
