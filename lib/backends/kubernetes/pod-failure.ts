import { AppError } from '../../model/errors';
import { registryOf } from '../../model/image-reference';
import type { StepSpec } from '../../model/step-spec';
import { formatBytes } from '../outcome';
import { classifyPull, explainPull, ImageMissing } from '../pull-refusal';
import { companionContainer, containerOf, mainContainer, type Pod, type Terminated } from './objects';
import { fetchContainer } from './package-fetch';
import { isRegistrySecret } from './registry-secret';
import { inputsContainer } from './step-inputs';

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
/** Between the ends of a pod's containers that are stopped together; their times are whole seconds. */
const sameEndMs = 2_000;
/** The runtime's words for a container whose program was never there to end. */
const notStarted = new Set(['ContainerCannotRun', 'StartError']);

/**
 * Why this pod will not run its step's program, in the cluster's own words; null while it may. What has ended by
 * itself is no trouble. `pullSaid`: what the node said of a pull before it waited to try it again.
 */
export function failureBeforeStart(step: StepSpec, pod: Pod, pullSaid = ''): AppError | null {
  const gone = failureOfPod(step, pod);
  if (gone) return gone;
  if (pod.metadata.deletionTimestamp != null) return failed(whyDeleted(step, pod));
  const fetched = containerOf(pod, fetchContainer)?.state.terminated;
  if (fetched && fetched.exitCode !== 0) {
    const why = fetched.message || `its container ended with ${fetched.exitCode} (${fetched.reason})`;
    return failed(`Step ${step.stepId} could not get its package from the control plane: ${sentence(why)}`);
  }
  for (const name of [fetchContainer, inputsContainer, companionContainer, mainContainer]) {
    const status = containerOf(pod, name);
    const waiting = status?.state.waiting;
    if (!waiting) continue;
    const image = status.image || 'of the step';
    if (imageReasons.has(waiting.reason)) {
      const isWaiting = waiting.reason === 'ImagePullBackOff' && pullSaid !== '' && name === mainContainer;
      return imageMissing(pod, name, image, isWaiting ? { ...waiting, message: pullSaid } : waiting);
    }
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
export function failureOfPod(step: StepSpec, pod: Pod): AppError | null {
  const { reason, message, phase } = pod.status;
  const { diskBytes } = step.node.resources;
  if (reason === 'Evicted' && diskBytes !== undefined && /ephemeral|emptyDir/i.test(message)) {
    return failed(
      `Step ${step.stepId} was ended: it used more disk than its resources.disk of ${formatBytes(diskBytes)}: ${sentence(message)}`,
    );
  }
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

/** Throws AppError `backend_failed` when the runtime says that it could not start the container's own command. */
export function checkWasStarted(step: StepSpec, ended: Terminated): void {
  if (!notStarted.has(ended.reason)) return;
  const place = step.node.cwd === null ? '' : ` in the folder ${step.node.cwd}`;
  throw failed(`Step ${step.stepId} could not be started${place}: ${sentence(ended.message)}`);
}

/**
 * The companion ends when it is told to. Where that was not by us, the cluster has ended the whole pod, whatever it says
 * of its phase: a kubelet that restarts under pressure does so without a word. Null when it has not, or not yet.
 */
export function whyEndedByCluster(step: StepSpec, pod: Pod): AppError | null {
  const companion = containerOf(pod, companionContainer)?.state.terminated;
  if (!companion || companion.exitCode === 0) return null;
  // What had ended by itself before is not undone by what becomes of the pod.
  const main = containerOf(pod, mainContainer)?.state.terminated;
  const laterMs = Date.parse(companion.finishedAt ?? '') - Date.parse(main?.finishedAt ?? '');
  if (laterMs > sameEndMs) return null;
  const node = pod.spec.nodeName === undefined ? 'its node' : `the node ${pod.spec.nodeName}`;
  return failed(
    `The cluster ended the pod of step ${step.stepId} while it ran: ${node} stopped all of its containers and gives no reason.`,
  );
}

/** Why scheduling gates, e.g. of Kueue, hold the pod back; null without gates. */
export function whyGated({ spec, status }: Pod): string | null {
  if (spec.schedulingGates.length === 0) return null;
  const condition = status.conditions.find(({ type }) => type === 'PodScheduled');
  const gates = spec.schedulingGates.map(({ name }) => name).join(', ');
  return `${condition?.message || 'its scheduling is held back'}: ${gates}`;
}

/** The scheduler's words while no node takes the pod; null once a node has, and while gates hold it back. */
export function whyUnscheduled(pod: Pod): string | null {
  const condition = pod.status.conditions.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return null;
  return condition.reason === 'Unschedulable' ? condition.message || 'no node takes it' : null;
}

/** What the pod is doing before its program runs, in one or two words. */
export function startPhase(pod: Pod): {
  name: 'preparing' | 'creating' | 'starting' | 'pulling';
  detail: string | null;
} {
  const waiting = containerOf(pod, mainContainer)?.state.waiting;
  if (waiting?.reason === 'ErrImagePull') return { name: 'pulling', detail: waiting.message || null };
  // The watchdog for a silent start does not apply to `preparing`, and a queue may take hours.
  const gated = whyGated(pod);
  if (gated !== null) return { name: 'preparing', detail: gated };
  const unscheduled = whyUnscheduled(pod);
  if (unscheduled !== null) return { name: 'creating', detail: unscheduled };
  const { nodeName } = pod.spec;
  if (nodeName === undefined) return { name: 'creating', detail: null };
  const progress = startProgress(pod);
  return { name: 'starting', detail: progress === null ? nodeName : `${nodeName}: ${progress}` };
}

/** How far the node has come; null where it has not told, as clusters before 1.28 do not of a pod's network. */
function startProgress(pod: Pod): string | null {
  if (containerOf(pod, companionContainer)?.state.running) return 'the package is there';
  if (containerOf(pod, fetchContainer)?.state.running) return 'the package is fetched';
  const network = pod.status.conditions.find(({ type }) => type === 'PodReadyToStartContainers');
  if (!network) return null;
  return network.status === 'True' ? 'its images are pulled' : 'its volumes and its network are set up';
}

/** What the node said of a pull that failed just now; empty when none did. */
export function failedPull(pod: Pod): string {
  const waiting = containerOf(pod, mainContainer)?.state.waiting;
  return waiting?.reason === 'ErrImagePull' ? waiting.message : '';
}

function imageMissing(
  pod: Pod,
  container: string,
  image: string,
  { reason, message }: { reason: string; message: string },
): AppError {
  const hint =
    container !== mainContainer
      ? " It is the cluster's helper image: push the toolbox to a registry that the cluster can pull from, or name another image with a static busybox."
      : '';
  const names = pod.spec.imagePullSecrets.map(({ name }) => name);
  const kind = classifyPull(null, message.replaceAll(image, ''));
  const said = explainPull(kind, {
    image,
    host: registryOf(image),
    login: names.some(isRegistrySecret) ? 'platform' : names.length > 0 ? 'cluster' : null,
    platform: 'the nodes of the cluster',
    said: message,
    isCluster: true,
  });
  const text = `${said}: ${reason}: ${sentence(message)}${hint}`;
  return container === mainContainer ? new ImageMissing(kind, text) : new AppError('image_missing', text);
}

function failed(message: string): AppError {
  return new AppError('backend_failed', message);
}

function sentence(text: string): string {
  return `${text.trim().replace(/\.$/, '') || 'the cluster gives no reason'}.`;
}
