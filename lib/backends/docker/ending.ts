import type { Clock } from '../../clock';
import { staysUp } from '../../model/node';
import type { StepSpec } from '../../model/step-spec';
import { type StepWatch, StopRequest } from '../backend';
import { environmentName } from '../labels';
import { type LogWatcher, probeUntilReady, type Readiness } from '../readiness';
import type { AttemptContainer } from './attempt';
import type { Daemon } from './daemon';
import type { LineDelivery } from './line-delivery';
import type { Ending } from './outcome';
import { createProbeTarget } from './probe-target';
import { stopContainer } from './stop';

interface Running {
  ended: Promise<unknown>;
  read: Promise<void>;
  say(text: string): void;
  delivery: LineDelivery;
}

/** Probes, and waits for the program's end, the engine's signal or a probe that does not pass. */
export async function untilSomethingEnds(
  context: { clock: Clock; daemon: Daemon },
  step: StepSpec,
  watch: StepWatch,
  container: AttemptContainer,
  watcher: LogWatcher | null,
  { ended, read, say, delivery }: Running,
): Promise<Ending | 'handed_over'> {
  const probing = new AbortController();
  const exited = ended.then(() => 'exited' as const);
  const broken = Promise.race([
    delivery.broken.then((error) => Promise.reject(error)),
    read.then(() => new Promise<never>(() => {})),
  ]);
  try {
    const first = await Promise.race([
      exited,
      broken,
      stopRequested(watch.signal),
      probe(context, step, watch, container, watcher, say, probing.signal),
    ]);
    if (first === 'exited') return { ended: 'exited', sent: null, reason: null };
    if (first instanceof StopRequest && first.why === 'handed_over') return 'handed_over';
    const graceMs = first instanceof StopRequest ? first.graceMs : step.node.graceMs;
    watch.onPhase({ name: 'stopping', detail: null });
    say(`stopping with SIGTERM, ${graceMs / 1000} s of grace`);
    const stopping = stopContainer(context, container.id, graceMs, ended);
    const sent = await Promise.race([stopping, broken, handOver(watch.signal)]);
    if (sent === 'handed_over') return 'handed_over';
    const killed = sent === 'SIGKILL' ? `killed by SIGKILL after ${graceMs / 1000} s of grace` : null;
    if (killed) say(killed);
    return first instanceof StopRequest
      ? { ended: 'stopped', sent, reason: killed }
      : { ended: 'not_ready', sent, reason: first };
  } finally {
    probing.abort();
  }
}

/** Resolves only with the reason why the step does not get ready. */
async function probe(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  step: StepSpec,
  watch: StepWatch,
  container: AttemptContainer,
  watcher: LogWatcher | null,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const never = new Promise<never>(() => {});
  if (!staysUp(step.node.kind) || container.found === 'over') return never;
  let readiness: Readiness = { ready: true };
  if (step.node.ready) {
    watch.onPhase({ name: 'probing', detail: null });
    const network = environmentName(step.executionId);
    readiness = await probeUntilReady(
      { clock },
      step.node.ready,
      createProbeTarget(daemon, container.id, network, watcher),
      { signal, onTranscript: say, onPhase: (detail) => watch.onPhase({ name: 'probing', detail }) },
    );
  }
  if (signal.aborted) return never;
  if (!readiness.ready) return readiness.reason ?? never;
  watch.onReady();
  return never;
}

/** Resolves when the engine's signal ends, and never when it does not. */
function stopRequested(signal: AbortSignal): Promise<StopRequest> {
  return new Promise((resolve) => {
    const settle = () =>
      resolve(signal.reason instanceof StopRequest ? signal.reason : new StopRequest('cancelled', 10_000));
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true });
  });
}

export async function handOver(signal: AbortSignal): Promise<'handed_over'> {
  const request = await stopRequested(signal);
  return request.why === 'handed_over' ? 'handed_over' : new Promise<never>(() => {});
}
