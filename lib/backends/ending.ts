import type { Clock } from '../clock';
import { type ReadyRule, staysUp } from '../model/node';
import type { StepSpec } from '../model/step-spec';
import { type StepWatch, StopRequest } from './backend';
import type { LineDelivery } from './line-delivery';
import type { Ending } from './outcome';
import type { ProbeWatch, Readiness } from './readiness';

/** A program that somebody has started, and what its backend can do with it. */
export interface RunningProgram {
  /** Settles when it has ended. */
  ended: Promise<unknown>;
  /** Settles when its output is read. */
  read: Promise<void>;
  say(text: string): void;
  delivery: LineDelivery;
  /** Null when it has ended already: there is nothing to probe. */
  probe: ((rule: ReadyRule, watch: ProbeWatch) => Promise<Readiness>) | null;
  /** SIGTERM, the grace time, SIGKILL; resolves once it has ended, with the last signal that was sent. */
  stop(graceMs: number): Promise<'SIGTERM' | 'SIGKILL'>;
}

/** Probes, and waits for the program's end, the engine's signal or a probe that does not pass. */
export async function untilSomethingEnds(
  step: StepSpec,
  watch: StepWatch,
  program: RunningProgram,
): Promise<Ending | 'handed_over'> {
  const { ended, read, say, delivery } = program;
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
      // What had ended when it was found was not ended by a request, however late anybody came to look.
      program.probe ? stopRequested(watch.signal) : handOver(watch.signal),
      probe(step, watch, program, probing.signal),
    ]);
    if (first === 'exited') return { ended: 'exited', sent: null, reason: null };
    if (first === 'handed_over') return first;
    if (first instanceof StopRequest && first.why === 'handed_over') return 'handed_over';
    const graceMs = first instanceof StopRequest ? first.graceMs : step.node.graceMs;
    watch.onPhase({ name: 'stopping', detail: null });
    say(`stopping with SIGTERM, ${graceMs / 1000} s of grace`);
    const sent = await Promise.race([program.stop(graceMs), broken, handOver(watch.signal)]);
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
  step: StepSpec,
  watch: StepWatch,
  program: RunningProgram,
  signal: AbortSignal,
): Promise<string> {
  const never = new Promise<never>(() => {});
  if (!staysUp(step.node.kind) || !program.probe) return never;
  let readiness: Readiness = { ready: true };
  if (step.node.ready) {
    watch.onPhase({ name: 'probing', detail: null });
    readiness = await program.probe(step.node.ready, {
      signal,
      onTranscript: program.say,
      onPhase: (detail) => watch.onPhase({ name: 'probing', detail }),
    });
  }
  if (signal.aborted) return never;
  if (!readiness.ready) return readiness.reason ?? never;
  watch.onReady();
  return never;
}

/** Resolves when the engine's signal ends, and never when it does not. */
export function stopRequested(signal: AbortSignal): Promise<StopRequest> {
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

/** False when the time is over first. Rejects as `ended` does. */
export async function endsWithin(clock: Clock, ended: Promise<unknown>, limitMs: number): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([ended.then(() => true), clock.sleep(limitMs, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}
