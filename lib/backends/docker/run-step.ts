import type { Clock } from '../../clock';
import type { OutputLine } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import type { ArtifactStream, ResourceIntent, ResourceLedger, StepOutcome, StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { handOver, untilSomethingEnds } from '../ending';
import { attemptName, environmentName } from '../labels';
import { createLineDelivery, type LineDelivery } from '../line-delivery';
import { handedOver, neverStarted, outcomeOf } from '../outcome';
import { createLogWatcher, probeUntilReady } from '../readiness';
import { collectArtifacts } from './artifacts';
import { type AttemptContainer, createAttempt, findAttempt, prepareAttempt, startAttempt } from './attempt';
import type { Daemon } from './daemon';
import { watchExit } from './exit';
import type { Images } from './images';
import { watchForMissingProgram } from './missing-program';
import { createOutput } from './output';
import type { Packages } from './packages';
import { createProbeTarget } from './probe-target';
import { explainSignal } from './signalled';
import { stopContainer } from './stop';

export interface RunContext {
  clock: Clock;
  daemon: Daemon;
  images: Images;
  packages: Packages;
  ledger: ResourceLedger;
  installation: string;
  ownerOf(executionId: string): string | null;
  onCreated(executionId: string, kind: 'container', name: string, id: string): void;
}

/** One attempt from its container to its outcome; see the contract of `Backend.runStep`. */
export async function runStep(context: RunContext, step: StepSpec, watch: StepWatch): Promise<StepOutcome> {
  const delivery = createLineDelivery(context, (lines) => watch.onLines(lines));
  try {
    const container = await provide(context, step, watch, delivery);
    if (!container) {
      await delivery.flush();
      return neverStarted(watch.signal);
    }
    return await follow(context, step, watch, container, delivery);
  } finally {
    await delivery.stop();
  }
}

/** Null when the step was stopped before its container was there. */
async function provide(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  delivery: LineDelivery,
): Promise<AttemptContainer | null> {
  const { daemon, installation } = context;
  if (watch.resumeAfter) {
    const found = await findAttempt(daemon, installation, step);
    if (found) return found;
  }
  const image = step.node.image ?? defaultImage;
  // Written while image and package are made ready, so that the step does not wait for it.
  const intended = context.ledger.intend(step.executionId, [intentOf(step)], watch.signal);
  intended.catch(() => undefined);
  try {
    await context.images.ensure(image, step.node.pull, watch.signal, (detail) => {
      watch.onPhase({ name: 'pulling', detail });
      if (!/^\d+ %$/.test(detail)) delivery.push([system(context, `pulling ${image}: ${detail}`)]);
    });
  } catch (error) {
    if (watch.signal.aborted) return null;
    throw error;
  }
  const owner = context.ownerOf(step.executionId);
  const packageVolume = await context.packages.ensure(step, owner);
  try {
    await intended;
  } catch (error) {
    if (!watch.signal.aborted) throw error;
  }
  if (watch.signal.aborted) return null;
  watch.onPhase({ name: 'creating', detail: null });
  const network = environmentName(step.executionId);
  const names = { installation, owner, network, packageVolume };
  const container = await createAttempt(context, step, names, watch.signal);
  context.onCreated(step.executionId, 'container', attemptName(step), container.id);
  return container;
}

function intentOf(step: StepSpec): ResourceIntent {
  const { stepId, attempt } = step;
  return { kind: 'container', name: attemptName(step), stepId, attempt };
}

async function follow(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  container: AttemptContainer,
  delivery: LineDelivery,
): Promise<StepOutcome> {
  const { daemon } = context;
  const { node } = step;
  const over = new AbortController();
  const say = (text: string) => delivery.push([system(context, text)]);
  const watcher = node.ready?.probe.type === 'log' ? createLogWatcher(node.ready.probe.rule) : null;
  const missingProgram = watchForMissingProgram(step);
  const onEveryLine = (lines: OutputLine[]) => {
    watcher?.feed(lines);
    missingProgram.feed(lines);
  };
  const resumeAfter = watch.resumeAfter ?? { stdout: 0, stderr: 0 };
  const output = createOutput(context, container.id, resumeAfter, delivery, onEveryLine);
  try {
    if (container.found === 'created') {
      await prepareAttempt(daemon, container.id, step);
      await output.attach();
      if (watch.signal.aborted) return neverStarted(watch.signal);
      watch.onPhase({ name: 'starting', detail: null });
      await startAttempt(daemon, container.id, step);
    }
    watch.onRunning();
    let isOutputCut = false;
    const ended = watchExit(context, container.id, step.stepId, over.signal, () => {
      isOutputCut = true;
    });
    const read = output.readToEnd(ended);
    const target = createProbeTarget(daemon, container.id, environmentName(step.executionId), watcher);
    const ending = await untilSomethingEnds(step, watch, {
      ended,
      read,
      say,
      delivery,
      probe:
        container.found === 'over'
          ? null
          : (rule, probeWatch) => probeUntilReady(context, rule, target, probeWatch),
      stop: (graceMs) => stopContainer(context, container.id, graceMs, ended),
    });
    if (ending === 'handed_over') return handedOver;
    let state = await ended;
    if ((await Promise.race([read, handOver(watch.signal)])) === 'handed_over') return handedOver;
    if (ending.ended === 'exited') {
      missingProgram.check(state.ExitCode);
      state = await explainSignal(daemon, container.id, state, step);
    }
    const outcome = outcomeOf({ exitCode: state.ExitCode, oomKilled: state.OOMKilled }, ending, node);
    if (isOutputCut) {
      outcome.isOutputCut = true;
      outcome.warnings.push(
        'The Docker daemon was away when this step ended: what it printed last may be missing.',
      );
    }
    if (node.exports.length > 0) {
      watch.onPhase({ name: 'collecting', detail: null });
      const onArtifact = (file: ArtifactStream) => watch.onArtifact(file);
      outcome.warnings.push(
        ...(await collectArtifacts(daemon, container.id, node.exports, onArtifact, over.signal)),
      );
    }
    return outcome;
  } finally {
    over.abort();
    await output.abandon();
  }
}

function system({ clock }: { clock: Clock }, text: string): OutputLine {
  return { stream: 'system', atMs: clock.now().getTime(), text };
}
