import type { OutputLine } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import type { ArtifactStream, StepOutcome, StepWatch } from '../backend';
import { handOver, untilSomethingEnds } from '../ending';
import { createLineDelivery, type LineDelivery } from '../line-delivery';
import { handedOver, neverStarted, outcomeOf } from '../outcome';
import { createLogWatcher } from '../readiness';
import { collectArtifacts } from './artifacts';
import { containerOf, mainContainer, type Pod } from './objects';
import { readPodOutput } from './pod-output';
import { untilPodReady } from './pod-readiness';
import { followPod, type PodState } from './pod-state';
import { checkWasStarted } from './pod-trouble';
import { providePod } from './provide-pod';
import type { RunContext } from './run-context';
import { stopProgram } from './signals';
import { abandonStart, untilStarted } from './start';

/** One attempt from its pod to its outcome; see the contract of `Backend.runStep`. */
export async function runStep(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  onDone: (pod: Pod) => void,
): Promise<StepOutcome> {
  const delivery = createLineDelivery(context, (lines) => watch.onLines(lines));
  let state: PodState | null = null;
  try {
    const pod = await providePod(context, step, watch);
    if (!pod) return neverStarted(watch.signal);
    state = followPod(context, step, pod);
    const start = await untilStarted(context, step, watch, state);
    if (start === 'handed_over') return handedOver;
    if (start === 'stopped') {
      await abandonStart(context, state);
      return neverStarted(watch.signal);
    }
    const outcome = await follow(context, step, watch, state, delivery);
    if (outcome !== handedOver) onDone(state.pod());
    return outcome;
  } finally {
    state?.close();
    await delivery.stop();
  }
}

async function follow(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  state: PodState,
  delivery: LineDelivery,
): Promise<StepOutcome> {
  const { clock } = context;
  const { node } = step;
  const over = new AbortController();
  const say = (text: string) =>
    delivery.push([{ stream: 'system', atMs: clock.now().getTime(), text } satisfies OutputLine]);
  const watcher = node.ready?.probe.type === 'log' ? createLogWatcher(node.ready.probe.rule) : null;
  const { ended } = state;
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
        say,
        onEveryLine: (lines) => watcher?.feed(lines),
        signal: over.signal,
      },
    );
    read.catch(() => {});
    const ending = await untilSomethingEnds(step, watch, {
      ended,
      read,
      say,
      delivery,
      probe: isOver ? null : (rule, probeWatch) => untilPodReady(context, rule, state, watcher, probeWatch),
      stop: (graceMs) => stopProgram(context, state.pod(), graceMs, ended, state.expectDeletion),
    });
    if (ending === 'handed_over') return handedOver;
    const end = await ended;
    if ((await Promise.race([read, handOver(watch.signal)])) === 'handed_over') return handedOver;
    checkWasStarted(step, end);
    const outcome = outcomeOf(
      { exitCode: end.exitCode, oomKilled: end.reason === 'OOMKilled' },
      ending,
      node,
    );
    if (node.exports.length > 0) {
      watch.onPhase({ name: 'collecting', detail: null });
      const onArtifact = (file: ArtifactStream) => watch.onArtifact(file);
      outcome.warnings.push(
        ...(await collectArtifacts(context, state.pod(), node.exports, onArtifact, over.signal)),
      );
    }
    return outcome;
  } finally {
    over.abort();
  }
}
