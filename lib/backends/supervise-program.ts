import { type Clock, withDeadline } from '../clock';
import { AppError } from '../model/errors';
import type { ReadyRule } from '../model/node';
import { staysUp } from '../model/step-kind';
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
  log(text: string): void;
  delivery: LineDelivery;
  /** Null when it has ended already: there is nothing to probe. */
  probe: ((rule: ReadyRule, watch: ProbeWatch) => Promise<Readiness>) | null;
  /** Resolves with a sentence when it uses more of something than it may: it is killed then. */
  overLimit?: Promise<string>;
  /** The signal that asks it to end; absent: SIGTERM. Must not reject. */
  stopSignal?: () => Promise<string>;
  /**
   * The stop signal, the grace time, SIGKILL. Resolves once all of it has ended with the last signal that was sent, or with null
   * if the program had ended before the first signal. `onKill` receives the commands that SIGKILL ends, as far as they
   * are known.
   */
  stop(graceMs: number, onKill: (commands: string[]) => void): Promise<string | null>;
}

/** Probes, and waits for the program's end, the engine's signal or a probe that does not pass. */
export async function superviseProgram(
  step: StepSpec,
  watch: StepWatch,
  program: RunningProgram,
): Promise<Ending | 'detached'> {
  const { ended, read, log, delivery } = program;
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
      program.probe ? stopRequested(watch.signal) : detachRequested(watch.signal),
      probe(step, watch, program, probing.signal),
      ...(program.overLimit ? [program.overLimit.then((overLimit) => ({ overLimit }))] : []),
    ]);
    if (first === 'exited') return { ended: 'exited', sent: null, reason: null };
    if (first === 'detached') return first;
    if (first instanceof StopRequest && first.why === 'detached') return 'detached';
    if ('overLimit' in first) {
      log(first.overLimit);
      const stopped = await Promise.race([program.stop(0, () => {}), broken, detachRequested(watch.signal)]);
      return stopped === 'detached' ? stopped : { ended: 'exited', sent: stopped, reason: first.overLimit };
    }
    const graceMs = first instanceof StopRequest ? first.graceMs : step.node.graceMs;
    watch.onPhase({ name: 'stopping', detail: null });
    const signal = (await program.stopSignal?.()) ?? 'SIGTERM';
    log(`stopping with ${signal}, ${graceMs / 1000} s of grace`);
    let cutOff: string[] = [];
    const stopped = program.stop(graceMs, (commands) => {
      cutOff = commands;
    });
    const sent = await Promise.race([stopped, broken, detachRequested(watch.signal)]);
    if (sent === 'detached') return 'detached';
    const killed = sent === 'SIGKILL' ? killedAfter(graceMs, cutOff) : null;
    if (killed) log(killed);
    if (sent === null) return { ended: 'exited', sent: null, reason: null };
    if ('fault' in first) throw first.fault;
    return first instanceof StopRequest
      ? { ended: 'stopped', sent, reason: killed }
      : { ended: 'not_ready', sent, reason: first.reason };
  } finally {
    probing.abort();
  }
}

const maxCommands = 3;
const maxCommandLength = 80;

/** "killed by SIGKILL after 5 s of grace: still running: node server.js" */
export function killedAfter(graceMs: number, cutOff: readonly string[]): string {
  const killed = `killed by SIGKILL after ${graceMs / 1000} s of grace`;
  if (cutOff.length === 0) return killed;
  const shown = cutOff.slice(0, maxCommands).map((command) => {
    const line = command.replace(/\s+/g, ' ').trim();
    return line.length > maxCommandLength ? `${line.slice(0, maxCommandLength)}…` : line;
  });
  const more = cutOff.length > maxCommands ? ` and ${cutOff.length - maxCommands} more` : '';
  return `${killed}: still running: ${shown.join(', ')}${more}`;
}

/** Resolves only with the reason why the step does not get ready, or why nobody can tell. */
async function probe(
  step: StepSpec,
  watch: StepWatch,
  program: RunningProgram,
  signal: AbortSignal,
): Promise<{ reason: string } | { fault: AppError }> {
  const never = new Promise<never>(() => {});
  if (!staysUp(step.node.kind) || !program.probe) return never;
  let readiness: Readiness = { ready: true };
  if (step.node.ready) {
    watch.onPhase({ name: 'probing', detail: null });
    readiness = await program.probe(step.node.ready, {
      signal,
      onTranscript: program.log,
      onPhase: (detail) => watch.onPhase({ name: 'probing', detail }),
    });
  }
  if (signal.aborted) return never;
  if (!readiness.ready) {
    const { reason, fault } = readiness;
    if (fault)
      return { fault: new AppError(fault.code, `Step ${step.stepId} was ${reason}`, { cause: fault }) };
    return reason === null ? never : { reason };
  }
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

export async function detachRequested(signal: AbortSignal): Promise<'detached'> {
  const request = await stopRequested(signal);
  return request.why === 'detached' ? 'detached' : new Promise<never>(() => {});
}

/** False when the time is over first. Rejects as `ended` does. */
export function endsWithin(clock: Clock, ended: Promise<unknown>, limitMs: number): Promise<boolean> {
  return withDeadline(
    clock,
    limitMs,
    ended.then(() => true),
    false,
  );
}
