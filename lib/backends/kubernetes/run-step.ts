import type { OutputLine } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import type { ArtifactStream, StepOutcome, StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { createLineDelivery, type LineDelivery } from '../line-delivery';
import { createLogWatcher } from '../log-watcher';
import { detached, endTimeOf, neverStarted, outcomeOf } from '../outcome';
import { fallbackWarning, mayFallBackToName } from '../pinned-image';
import { detachRequested, superviseProgram } from '../supervise-program';
import { collectArtifacts } from './artifacts';
import { deletePod } from './attempt-pod';
import { explainStart } from './explain-start';
import {
  companionContainer,
  containerOf,
  mainContainer,
  memoryLimitOf,
  type Pod,
  type Terminated,
} from './objects';
import { checkWasStarted, whyEndedByCluster } from './pod-failure';
import { imageIn } from './pod-image';
import { readPodOutput } from './pod-output';
import { untilPodReady } from './pod-readiness';
import { followPod, type PodState } from './pod-state';
import { providePod } from './provide-pod';
import type { RunContext } from './run-context';
import { stopProgram } from './signals';
import { abandonStart, untilStarted } from './start';

/** How long the removal of a pod may take. */
const removalLimitMs = 30_000;

/** One attempt from its pod to its outcome; see the contract of `Backend.runStep`. */
export async function runStep(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  onDone: (pod: Pod) => void,
): Promise<StepOutcome> {
  const delivery = createLineDelivery(context, (lines) => watch.onLines(lines));
  const states: PodState[] = [];
  const attempt = async (given: StepSpec): Promise<StepOutcome> => {
    const pod = await providePod(context, given, watch);
    if (!pod) return neverStarted(watch.signal);
    const state = followPod(context, given, pod);
    states.push(state);
    const start = await untilStarted(context, given, watch, state);
    if (start === 'detached') return detached;
    if (start === 'stopped') {
      await abandonStart(context, state);
      return neverStarted(watch.signal);
    }
    const outcome = await follow(context, given, watch, state, delivery);
    if (outcome !== detached) onDone(state.pod());
    return outcome;
  };
  try {
    return await attempt(step);
  } catch (error) {
    const { namedImage, ...rest } = step;
    if (namedImage === undefined || watch.signal.aborted || !mayFallBackToName(error)) throw error;
    const [state] = states;
    if (state && !(await isGone(context, state, watch.signal))) throw error;
    if (watch.signal.aborted) return neverStarted(watch.signal);
    const warning = fallbackWarning(namedImage, error);
    delivery.push([systemLine(context, warning)]);
    const outcome = await attempt({ ...rest, node: { ...step.node, image: namedImage } });
    return outcome === detached ? outcome : { ...outcome, warnings: [...outcome.warnings, warning] };
  } finally {
    for (const state of states) state.close();
    await delivery.stop();
  }
}

/** Removes a pod that could not start, so that another one can have its name. Does not wait for the node, which may take minutes. */
async function isGone(context: RunContext, state: PodState, signal: AbortSignal): Promise<boolean> {
  const { namespace, name } = state.pod().metadata;
  state.expectDeletion();
  await deletePod(context.cluster, namespace, name, 0);
  const gone = state.until(() => null).catch(() => true);
  const isRemoved = await Promise.race([gone, context.clock.sleep(removalLimitMs, signal).then(() => false)]);
  return isRemoved || signal.aborted;
}

function systemLine({ clock }: RunContext, text: string): OutputLine {
  return { stream: 'system', atMs: clock.now().getTime(), text };
}

async function follow(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  state: PodState,
  delivery: LineDelivery,
): Promise<StepOutcome> {
  const { node } = step;
  const over = new AbortController();
  const log = (text: string) => delivery.push([systemLine(context, text)]);
  const watcher = createLogWatcher(node.ready);
  const { ended } = state;
  const gaps: string[] = [];
  const isOver = containerOf(state.pod(), mainContainer)?.state.terminated !== undefined;
  try {
    watch.onRunning();
    const read = readPodOutput(
      context,
      step,
      state.pod(),
      watch.resumeAfter ?? { stdout: 0, stderr: 0 },
      ended,
      {
        delivery,
        emit: log,
        onEveryLine: (lines) => watcher?.feed(lines),
        onGap(text) {
          log(text);
          gaps.push(text);
        },
        needsAll: watcher !== null,
        signal: over.signal,
      },
    );
    read.catch(() => {});
    const signal = step.node.container.stopSignal ?? 'SIGTERM';
    const ending = await superviseProgram(step, watch, {
      ended,
      read,
      log,
      delivery,
      probe: isOver ? null : (rule, probeWatch) => untilPodReady(context, rule, state, watcher, probeWatch),
      stopSignal: async () => signal,
      stop(graceMs, onKill) {
        const hooks = { onDelete: state.expectDeletion, onKill };
        return stopProgram(context, state.pod(), { graceMs, signal }, ended, hooks);
      },
    });
    if (ending === 'detached') return detached;
    const end = await ended;
    if ((await Promise.race([read, detachRequested(watch.signal)])) === 'detached') return detached;
    checkWasStarted(step, end);
    if (ending.sent === null) await checkSurvival(context, step, state, end);
    const oomKilled = end.reason === 'OOMKilled';
    const problem = await explainStart(step, end);
    const memoryBytes = memoryLimitOf(state.pod());
    const outcome = outcomeOf({ exitCode: problem?.exitCode ?? end.exitCode, oomKilled }, ending, {
      ...node,
      resources: { ...node.resources, memoryBytes },
    });
    if (problem) outcome.reason ??= problem.sentence;
    Object.assign(outcome, endTimeOf(end.finishedAt, state.pod().spec.nodeName));
    if (oomKilled && memoryBytes !== null) outcome.memoryLimitBytes = memoryBytes;
    Object.assign(outcome, imageIn(state.pod(), node.image ?? defaultImage));
    if (gaps.length > 0) Object.assign(outcome, { isOutputCut: true });
    outcome.warnings.push(...gaps.map((text) => `${text[0]?.toUpperCase()}${text.slice(1)}.`));
    if (node.exports.length > 0) {
      watch.onPhase({ name: 'collecting', detail: null });
      const onArtifact = (file: ArtifactStream) => watch.onArtifact(file);
      outcome.notExported = await collectArtifacts(
        context,
        state.pod(),
        node.exports,
        onArtifact,
        over.signal,
      );
    }
    return outcome;
  } finally {
    over.abort();
  }
}

/** 128 + SIGHUP, SIGINT, SIGKILL, SIGTERM. */
const signalledExitCodes = new Set([129, 130, 137, 143]);
/** A kubelet looks at its containers once a second, and tells of the ends of one pod's in any order. */
const newsMs = 3_000;

/** Throws AppError `backend_failed` when the cluster ended the pod, and with it a program that nobody had asked to end. */
async function checkSurvival(
  { clock }: RunContext,
  step: StepSpec,
  state: PodState,
  { exitCode, reason }: Terminated,
): Promise<void> {
  const known = whyEndedByCluster(step, state.pod());
  if (known) throw known;
  if (!signalledExitCodes.has(exitCode) || reason === 'OOMKilled') return;
  const over = new AbortController();
  const companionEnded = state.until((pod) =>
    containerOf(pod, companionContainer)?.state.terminated ? pod : null,
  );
  companionEnded.catch(() => {});
  await Promise.race([companionEnded.catch(() => null), clock.sleep(newsMs, over.signal)]);
  over.abort();
  const why = whyEndedByCluster(step, state.pod());
  if (why) throw why;
}
