import type { Clock } from '../clock';
import type { AppError } from '../model/errors';
import type { ReadyProbe, ReadyRule } from '../model/node';
import { type Answer, describeProbe, type ProbeTarget, probeOnce } from './probes';

export interface ProbeWatch {
  /** Ends the probing: the step has ended or is being stopped. */
  signal: AbortSignal;
  /** One sentence; equal answers in a row come as one line with their number. */
  onTranscript(text: string): void;
  /** The last answer, whenever it changes. */
  onPhase(detail: string): void;
}

/** `fault`: the vendor could not be asked to the last. `reason` is null when the signal ended the probing. */
export type Readiness = { ready: true } | { ready: false; reason: string | null; fault?: AppError };

/** The first question follows the start at once, the next ones after pauses that grow to the rule's interval. */
const firstPauseMs = 10;

/** Asks the target itself; see `pollUntilReady`. */
export function probeUntilReady(
  { clock }: { clock: Clock },
  rule: ReadyRule,
  target: ProbeTarget,
  watch: ProbeWatch,
): Promise<Readiness> {
  return pollUntilReady(
    { clock },
    rule,
    {
      run: (probe, signal) => probeOnce(clock, probe, target, signal),
      explain: async (probe) =>
        probe.type === 'tcp' || probe.type === 'http'
          ? ((await target.explainPort?.(probe.port)) ?? null)
          : null,
      changed: () => target.log?.nextMatch() ?? new Promise<never>(() => {}),
    },
    watch,
  );
}

/** How a probe is asked. Nothing here rejects. */
export interface Prober {
  run(probe: ReadyProbe, signal: AbortSignal): Promise<Answer>;
  /** What a person should know about a probe that did not hold in time. */
  explain?(probe: ReadyProbe): Promise<string | null>;
  /** Resolves when it is worth asking again before the interval is over. */
  changed?(): Promise<void>;
}

/**
 * Asks until all probes of the rule hold, for as long as it says without a break, or its time is over: then `reason`
 * says what did not hold, for how long it was asked, and the last answer. Never rejects.
 */
export async function pollUntilReady(
  { clock }: { clock: Clock },
  rule: ReadyRule,
  { run, explain, changed }: Prober,
  watch: ProbeWatch,
): Promise<Readiness> {
  const startMs = clock.monotonicMs();
  const over = new AbortController();
  const signal = AbortSignal.any([watch.signal, over.signal]);
  const limit = clock.sleep(rule.timeoutMs, signal).then(() => over.abort());
  const transcripts = rule.probes.map((probe) => createTranscript(describeProbe(probe), watch));
  let heldSinceMs: number | null = null;
  let answers: Answer[] = [];

  /** Whether the step is ready. */
  function judge(): boolean {
    const nowMs = clock.monotonicMs();
    if (!answers.every(({ ready }) => ready)) {
      heldSinceMs = null;
      return false;
    }
    heldSinceMs ??= nowMs;
    return nowMs - heldSinceMs >= rule.forMs;
  }

  async function failure(): Promise<Readiness> {
    const after = answers.some(({ isFinal }) => isFinal)
      ? 'not ready'
      : `not ready after ${formatSeconds(rule.timeoutMs)}`;
    const final = answers.findIndex(({ isFinal }) => isFinal);
    const missing = final >= 0 ? final : answers.findIndex(({ ready }) => !ready);
    const probe = rule.probes[missing];
    const answer = answers[missing];
    if (!probe || !answer) {
      const late =
        rule.forMs === 0 ? 'it answered later' : `it did not stay so for ${formatSeconds(rule.forMs)}`;
      return { ready: false, reason: `${after}: ${late}` };
    }
    const hint = await explain?.(probe).catch(() => null);
    const reason = `${after}: ${describeProbe(probe)}: ${transcripts[missing]?.last() ?? answer.text}${hint ? ` (${hint})` : ''}`;
    return answer.fault ? { ready: false, reason, fault: answer.fault } : { ready: false, reason };
  }

  try {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(rule.intervalMs, 2 * pauseMs)) {
      // Taken before, so that no match between the question and the pause is missed.
      const next = changed?.();
      // The first question has its whole time, for without any answer nobody knows what was wrong.
      const cut = answers.length === 0 ? watch.signal : signal;
      const asked = await Promise.all(rule.probes.map((probe) => run(probe, cut)));
      if (watch.signal.aborted) return { ready: false, reason: null };
      // What was asked last is cut off by the end of the time: the answers before it count.
      if (!over.signal.aborted || answers.length === 0) answers = asked;
      for (const [index, transcript] of transcripts.entries()) {
        const answer = asked[index];
        if (answer && !over.signal.aborted) transcript.add(answer);
      }
      if (!over.signal.aborted && judge()) {
        for (const transcript of transcripts) transcript.ready(clock.monotonicMs() - startMs);
        return { ready: true };
      }
      if (over.signal.aborted || answers.some(({ isFinal }) => isFinal)) return await failure();
      await pause(Math.min(pauseMs, rule.intervalMs), next);
      if (watch.signal.aborted) return { ready: false, reason: null };
      if (over.signal.aborted) return await failure();
    }
  } finally {
    for (const transcript of transcripts) transcript.close();
    over.abort();
    await limit;
  }

  async function pause(ms: number, next: Promise<void> | undefined): Promise<void> {
    const woken = new AbortController();
    const sleep = clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
    await Promise.race(next ? [sleep, next] : [sleep]);
    woken.abort();
  }
}

function createTranscript(what: string, watch: ProbeWatch) {
  let last: Answer | null = null;
  let repeats = 0;

  function writeRepeats(): void {
    if (repeats > 0) watch.onTranscript(`probe of ${what}: ${last?.text} (${repeats} more times)`);
    repeats = 0;
  }

  return {
    last: () => last?.text ?? null,
    add(answer: Answer): void {
      const isSame = answer.text === last?.text && answer.ready === last.ready;
      // What holds is written when all of it does.
      if (isSame && !answer.ready) repeats += 1;
      if (isSame) return;
      writeRepeats();
      const wasReady = last?.ready ?? false;
      last = answer;
      if (answer.ready) return;
      watch.onTranscript(`probe of ${what}: ${answer.text}${wasReady ? ', after it had held' : ''}`);
      watch.onPhase(answer.text);
    },
    ready(afterMs: number): void {
      writeRepeats();
      watch.onTranscript(`probe of ${what}: ${last?.text}, ready after ${formatSeconds(afterMs)}`);
    },
    close: writeRepeats,
  };
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0).replace(/\.0$/, '')} s`;
}
