import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { OpenPackage, StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { attemptName, labelNames } from '../labels';
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
  /** It was made before its step could run: see `labelNames.ahead`. */
  ahead: 'gate' | 'plain' | null;
}

/** Null when there is none. Rejects when the name belongs to a container that is not this attempt's. */
export async function findAttempt(
  daemon: Daemon,
  installation: string,
  step: StepSpec,
): Promise<AttemptContainer | null> {
  const name = attemptName(step);
  const container = await inspectContainer(daemon, name);
  if (!container) return null;
  if (!isContainerOf(container.Config.Labels, installation, step)) {
    throw new AppError(
      'backend_failed',
      `A container called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
    );
  }
  const ahead = container.Config.Labels?.[labelNames.ahead];
  return {
    id: container.Id,
    found: stageOf(container.State),
    ahead: ahead === 'gate' || ahead === 'plain' ? ahead : null,
  };
}

export function createAttempt(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  step: StepSpec,
  names: ContainerNames,
  signal: AbortSignal,
): Promise<AttemptContainer> {
  return whileNameIsTaken({ clock, daemon }, attemptName(step), signal, async () => {
    try {
      const id = await createContainer(
        daemon,
        attemptName(step),
        containerConfig(step, names, daemon.name),
        step.node.container.platform,
      );
      return { id, found: 'created', ahead: names.ahead ?? null };
    } catch (error) {
      const status = refusalStatus(error);
      if (status === 404) throw imageRemoved(step, error);
      const found = status === null ? null : await findAttempt(daemon, names.installation, step);
      if (found && names.ahead !== undefined) throw nameIsTaken(step, error);
      if (found && found.ahead === null) return found;
      // The start of this attempt is recorded, and was not when that was made: nobody has released it, or ever will.
      if (found) await removeContainer(daemon, found.id, attemptName(step));
      throw error;
    }
  });
}

/** It is left to whoever runs the attempt, who alone knows that nobody else does. */
function nameIsTaken(step: StepSpec, cause: unknown): AppError {
  return new AppError('backend_failed', `The container of step ${step.stepId} is there already.`, { cause });
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
