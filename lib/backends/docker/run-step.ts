import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { ImageFacts } from '../../model/image-facts';
import type { OutputLine } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import { type ArtifactStream, type StepOutcome, type StepWatch, StopRequest } from '../backend';
import { defaultImage } from '../container-facts';
import { diskWarnings, untilOverDisk } from '../disk-limit';
import { attemptName, environmentName } from '../labels';
import { createLineDelivery, type LineDelivery } from '../line-delivery';
import { createLogWatcher } from '../log-watcher';
import { detached, endTimeOf, neverStarted, outcomeOf } from '../outcome';
import { probeUntilReady } from '../readiness';
import { detachRequested, superviseProgram } from '../supervise-program';
import { type AheadContainer, type AheadContainers, disconnect, removeAhead } from './ahead';
import { collectArtifacts } from './artifacts';
import { beginAttempt } from './begin-attempt';
import { removeContainer } from './containers';
import { quickMs } from './daemon';
import { measureDisk } from './disk';
import { watchExit } from './exit';
import { explainSignal } from './explain-signal';
import { explainStart } from './explain-start';
import { createOutput } from './output';
import { createProbeTarget } from './probe-target';
import { type Provided, provideAttempt } from './provide-attempt';
import type { RunContext } from './run-context';
import { stopContainer, stopSignalOf } from './stop';

/** One attempt from its container to its outcome; see the contract of `Backend.runStep`. */
export async function runStep(
  context: RunContext & { ahead: AheadContainers },
  step: StepSpec,
  watch: StepWatch,
): Promise<StepOutcome> {
  const delivery = createLineDelivery(context, (lines) => watch.onLines(lines));
  try {
    await context.daemon.engine(quickMs);
    const log = (text: string) => delivery.push([system(context, text)]);
    const ahead = watch.resumeAfter ? null : await context.ahead.take(step, watch, log);
    const provided = ahead ?? (await provideAttempt(context, step, watch, log));
    if (!provided || provided === 'stopped') {
      await delivery.flush();
      return neverStarted(watch.signal);
    }
    const outcome = await follow(context, step, watch, provided, delivery);
    if (outcome !== 'lost') return outcome;
    await removeContainer(context.daemon, provided.container.id, attemptName(step));
    await context.ledger.removed(step.executionId, 'container', attemptName(step));
    await delivery.flush();
  } catch (error) {
    // What a build printed last tells why it failed.
    await delivery.flush();
    throw error;
  } finally {
    await delivery.stop();
  }
  // Once: what is made now has no gate, or is what somebody else has made of the attempt.
  return runStep(context, step, watch);
}

/** `lost`: its program has not run, and cannot in this container. */
async function follow(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  provided: Provided | AheadContainer,
  delivery: LineDelivery,
): Promise<StepOutcome | 'lost'> {
  const { daemon } = context;
  const { node } = step;
  const { container, image } = provided;
  const ahead = 'stage' in provided ? provided : null;
  const over = new AbortController();
  let isReleased = false;
  const log = (text: string) => delivery.push([system(context, text)]);
  const watcher = createLogWatcher(node.ready);
  const resumeAfter = watch.resumeAfter ?? { stdout: 0, stderr: 0 };
  const output = createOutput(context, container.id, resumeAfter, delivery, {
    onEveryLine: (lines) => watcher?.feed(lines),
    onUnfinished(line) {
      watcher?.feedUnfinished(line);
      watch.onUnfinished?.(line);
    },
  });
  try {
    const begun = await beginAttempt(context, step, watch, { container, ahead }, output);
    isReleased = begun === 'runs';
    if (begun === 'lost') return 'lost';
    if (begun === 'stopped') return neverStarted(watch.signal);
    watch.onRunning(ahead?.stage);
    const facts = readFacts(context, step, { container, image });
    let isOutputCut = false;
    const ended = watchExit(context, container.id, step.stepId, over.signal, () => {
      isOutputCut = true;
    });
    const read = output.readToEnd(ended);
    const target = createProbeTarget(context, container.id, environmentName(step.executionId), watcher);
    let signal: Promise<string> | null = null;
    const stopSignal = () => {
      signal ??= stopSignalOf(daemon, container.id, node).catch((error: unknown) => {
        log(`the stop signal of the image cannot be read, SIGTERM is sent: ${messageOf(error)}`);
        return 'SIGTERM';
      });
      return signal;
    };
    const measure = () => measureDisk(daemon, { id: container.id });
    const ending = await superviseProgram(step, watch, {
      overLimit: untilOverDisk(context, node, measure, over.signal),
      ended,
      read,
      log,
      delivery,
      probe:
        container.found === 'over'
          ? null
          : (rule, probeWatch) => probeUntilReady(context, rule, target, probeWatch),
      stopSignal,
      stop: async (graceMs, onKill) =>
        stopContainer(context, container.id, await stopSignal(), graceMs, ended, onKill),
    });
    if (ending === 'detached') return detached;
    let state = await ended;
    if ((await Promise.race([read, detachRequested(watch.signal)])) === 'detached') return detached;
    // Who is asked for its end need not ask who ended it: an earlier owner of the execution was asked, too.
    if (ending.ended === 'exited' && ending.sent === null && !watch.signal.aborted)
      state = await explainSignal(context, container.id, state, step);
    const problem = await explainStart(daemon, container.id, step, state);
    const exitCode = problem?.exitCode ?? state.ExitCode;
    const outcome = outcomeOf({ exitCode, oomKilled: state.OOMKilled }, ending, node);
    if (problem) outcome.reason ??= problem.sentence;
    Object.assign(outcome, endTimeOf(state.FinishedAt));
    if (ending.ended === 'exited' && ending.sent === null)
      outcome.warnings.push(...(await diskWarnings(node, measure)));
    Object.assign(outcome, await known(facts));
    outcome.warnings.push(...(image?.warnings ?? []));
    if (isOutputCut) {
      outcome.isOutputCut = true;
      outcome.warnings.push(
        'The Docker daemon was away when this step ended: what it printed last may be missing.',
      );
    }
    if (node.exports.length > 0) {
      watch.onPhase({ name: 'collecting', detail: null });
      const onArtifact = (file: ArtifactStream) => watch.onArtifact(file);
      outcome.notExported = await collectArtifacts(
        context,
        container.id,
        node.exports,
        onArtifact,
        over.signal,
      );
    }
    return outcome;
  } finally {
    over.abort();
    await output.abandon();
    if (ahead && !isReleased) await leaveUnreleased(context, step, watch, ahead);
  }
}

/** What was handed over is left to the next owner, who makes it anew or finds it released. */
async function leaveUnreleased(
  context: RunContext,
  step: StepSpec,
  { signal }: StepWatch,
  ahead: AheadContainer,
): Promise<void> {
  const request: unknown = signal.reason;
  if (request instanceof StopRequest && request.why === 'detached') disconnect(ahead);
  else await removeAhead(context, step, ahead);
}

/** The name of the image in the result. Another control plane may have fallen back to the name: then the container has it. */
function readFacts(
  { readImageFacts }: RunContext,
  { node, namedImage }: StepSpec,
  { container, image }: Provided,
): Promise<ImageFacts | null> {
  const planned = namedImage === undefined ? (node.image ?? defaultImage) : null;
  const named = node.build ? null : (image?.name ?? planned);
  return readImageFacts(container.id, named, image?.wasPulled ?? false);
}

async function known(facts: Promise<ImageFacts | null>): Promise<Pick<StepOutcome, 'image'>> {
  const image = await facts;
  return image ? { image } : {};
}

function system({ clock }: { clock: Clock }, text: string): OutputLine {
  return { stream: 'system', atMs: clock.now().getTime(), text };
}
