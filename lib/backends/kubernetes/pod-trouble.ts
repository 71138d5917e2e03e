import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { companionContainer, containerOf, mainContainer, type Pod, type Terminated } from './objects';
import { fetchContainer } from './package-fetch';
import { noProgram } from './pod-scripts';

const imageReasons = new Set([
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
const configReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreStartHookError',
  'PostStartHookError',
  'CreatePodSandboxError',
]);
/** The runtime's words for a container whose program was never there to end. */
const notStarted = new Set(['ContainerCannotRun', 'StartError']);

/**
 * Why this pod will not run its step's program, in the cluster's own words; null while it may. What has ended by
 * itself is no trouble.
 */
export function troubleBeforeStart(step: StepSpec, pod: Pod): AppError | null {
  const gone = troubleOfPod(step, pod);
  if (gone) return gone;
  if (pod.metadata.deletionTimestamp != null) return failed(whyDeleted(step, pod));
  const fetched = containerOf(pod, fetchContainer)?.state.terminated;
  if (fetched && fetched.exitCode !== 0) {
    const why = fetched.message || `its container ended with ${fetched.exitCode} (${fetched.reason})`;
    return failed(`Step ${step.stepId} could not get its package from the control plane: ${sentence(why)}`);
  }
  for (const name of [fetchContainer, companionContainer, mainContainer]) {
    const status = containerOf(pod, name);
    const waiting = status?.state.waiting;
    if (!waiting) continue;
    const image = status.image || 'of the step';
    if (imageReasons.has(waiting.reason)) return imageMissing(name, image, waiting);
    if (configReasons.has(waiting.reason)) {
      return failed(
        `Step ${step.stepId} could not be started: ${sentence(waiting.message || waiting.reason)}`,
      );
    }
  }
  const main = containerOf(pod, mainContainer)?.state;
  const companion = containerOf(pod, companionContainer)?.state.terminated;
  if (companion && !main?.running && !main?.terminated) {
    return failed(
      `Step ${step.stepId} could not be started: its companion ended with ${companion.exitCode}${companion.message ? `: ${companion.message}` : ''}.`,
    );
  }
  return null;
}

/** Why the pod's end is the cluster's doing and not its program's; null when it is not. */
export function troubleOfPod(step: StepSpec, pod: Pod): AppError | null {
  const { reason, message, phase } = pod.status;
  if (phase === 'Failed' && reason !== '') {
    return failed(
      `The pod of step ${step.stepId} failed: ${reason}${message ? `: ${sentence(message)}` : '.'}`,
    );
  }
  const ended = containerOf(pod, mainContainer)?.state.terminated;
  if (ended?.reason === 'ContainerStatusUnknown') {
    return failed(`The node of step ${step.stepId} lost its container: ${sentence(ended.message)}`);
  }
  return null;
}

/** A sentence for a pod that somebody else has deleted, with the cluster's reason if it gives one. */
export function whyDeleted(step: StepSpec, { status }: Pod): string {
  const disruption = status.conditions.find(
    ({ type, status: is }) => type === 'DisruptionTarget' && is === 'True',
  );
  const reason = disruption?.reason || status.reason;
  const message = disruption?.message || status.message;
  if (!reason) return `The pod of step ${step.stepId} was deleted by somebody while it ran.`;
  return `The pod of step ${step.stepId} was deleted while it ran: ${reason}${message ? `: ${sentence(message)}` : '.'}`;
}

/** Throws AppError `backend_failed` when the container's end says that there was nothing to run. */
export function checkWasStarted(step: StepSpec, ended: Terminated): void {
  const image = step.node.image ?? 'of the toolbox';
  if (ended.message.startsWith(noProgram) && ended.exitCode === 127) {
    const program = JSON.stringify(ended.message.slice(noProgram.length).trim());
    throw failed(
      `Step ${step.stepId}: the command ${program} cannot be run in the image ${image}: it is not there, or is no program.`,
    );
  }
  if (notStarted.has(ended.reason)) {
    const place = step.node.cwd === null ? '' : ` in the folder ${step.node.cwd}`;
    throw failed(`Step ${step.stepId} could not be started${place}: ${sentence(ended.message)}`);
  }
}

/** The scheduler's own words while no node takes the pod; null when one has. */
export function whyUnscheduled(pod: Pod): string | null {
  const condition = pod.status.conditions.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False' || condition.reason !== 'Unschedulable') return null;
  return condition.message || 'no node takes it';
}

/** What the pod is doing before its program runs, in one or two words. */
export function startPhase(pod: Pod): { name: 'creating' | 'starting' | 'pulling'; detail: string | null } {
  const waiting = containerOf(pod, mainContainer)?.state.waiting;
  if (waiting?.reason === 'ErrImagePull') return { name: 'pulling', detail: waiting.message || null };
  if (whyUnscheduled(pod)) return { name: 'creating', detail: whyUnscheduled(pod) };
  return {
    name: pod.spec.nodeName === undefined ? 'creating' : 'starting',
    detail: pod.spec.nodeName ?? null,
  };
}

function imageMissing(
  container: string,
  image: string,
  { reason, message }: { reason: string; message: string },
): AppError {
  const hint =
    container !== mainContainer
      ? " It is the cluster's helper image: push the toolbox to a registry that the cluster can pull from, or name another image with a static busybox."
      : '';
  return new AppError(
    'image_missing',
    `The image ${image} is not there: ${reason}: ${sentence(message)}${hint}`,
  );
}

function failed(message: string): AppError {
  return new AppError('backend_failed', message);
}

function sentence(text: string): string {
  return `${text.trim().replace(/\.$/, '') || 'the cluster gives no reason'}.`;
}
