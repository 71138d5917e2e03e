import type { Clock } from '../../clock';
import type { AppError } from '../../model/errors';
import type { ImageFacts } from '../../model/image-facts';
import type { LogStream, OutputLine } from '../../model/log-line';

export type FakeLine = string | { text: string; stream?: Exclude<LogStream, 'system'>; afterMs?: number };

/** What one attempt does. Everything has a default: a task exits with 0 at once, a service runs until stopped. */
export interface FakeStep {
  /** The backend fails with this instead of running anything. */
  rejects?: AppError;
  /** Before the program runs. */
  startDelayMs?: number;
  lines?: FakeLine[];
  /** Printed last, without a line ending. */
  unfinished?: string;
  /** For services and mocks, from the start of the program; null: never, and the rule's timeout decides. */
  readyAfterMs?: number | null;
  /** Between the last line and the exit; `forever`: until it is stopped. */
  runsMs?: number | 'forever';
  exitCode?: number;
  /** What the backend says of the end beyond its code. */
  reason?: string;
  oomKilled?: boolean;
  /** Delay between the end of the program and the report of it. */
  endToldAfterMs?: number;
  warnings?: string[];
  /** What it is said to have run. */
  image?: ImageFacts;
  ignoresSigterm?: boolean;
  /** How it ends well after SIGTERM; without it the signal itself ends it. */
  onSigterm?: { afterMs?: number; lines?: FakeLine[]; exitCode?: number };
  /** Files of `$GANTRY_ARTIFACTS` by path. */
  artifacts?: Record<string, string | Uint8Array>;
}

export interface FakeEnd {
  exitCode: number;
  signal: 'SIGTERM' | 'SIGKILL' | null;
  atMs: number;
}

export interface FakeProgram {
  readonly script: FakeStep;
  readonly startedAtMs: number;
  /** Grows while it runs. */
  readonly output: readonly OutputLine[];
  /** What it has printed without a line ending. */
  unfinished(): string | null;
  end(): FakeEnd | null;
  /** Resolves at the next line or at the end. Take it before you look at the state. */
  nextChange(): Promise<void>;
  terminate(): void;
  kill(): void;
}

/** Starts a scripted program; it lives on whether anyone watches it or not. */
export function startFakeProgram(
  { clock }: { clock: Clock },
  script: FakeStep,
  staysUp: boolean,
): FakeProgram {
  const output: OutputLine[] = [];
  const interrupted = new AbortController();
  let ended: FakeEnd | null = null;
  let terminated = false;
  let isUnfinished = false;
  let change = createChange();

  function changed(): void {
    const before = change;
    change = createChange();
    before.happen();
  }

  function finish(end: Omit<FakeEnd, 'atMs'>): void {
    if (ended) return;
    if (isUnfinished && script.unfinished !== undefined)
      output.push({ stream: 'stdout', atMs: clock.now().getTime(), text: script.unfinished });
    ended = { ...end, atMs: clock.now().getTime() };
    interrupted.abort();
    changed();
  }

  async function print(lines: FakeLine[], signal?: AbortSignal): Promise<void> {
    for (const line of lines) {
      const { text, stream = 'stdout', afterMs = 0 } = typeof line === 'string' ? { text: line } : line;
      if (afterMs > 0) await clock.sleep(afterMs, signal);
      if (ended || signal?.aborted) return;
      output.push({ stream, atMs: clock.now().getTime(), text });
      changed();
    }
  }

  async function run(): Promise<void> {
    await print(script.lines ?? [], interrupted.signal);
    if (script.unfinished !== undefined && !interrupted.signal.aborted) isUnfinished = true;
    changed();
    const runsMs = script.runsMs ?? (staysUp ? 'forever' : 0);
    if (interrupted.signal.aborted || runsMs === 'forever') return;
    if (runsMs > 0) await clock.sleep(runsMs, interrupted.signal);
    if (!interrupted.signal.aborted) finish({ exitCode: script.exitCode ?? 0, signal: null });
  }

  async function endWell(way: NonNullable<FakeStep['onSigterm']>): Promise<void> {
    interrupted.abort();
    if (way.afterMs) await clock.sleep(way.afterMs);
    await print(way.lines ?? []);
    finish({ exitCode: way.exitCode ?? 0, signal: null });
  }

  void run();
  return {
    script,
    startedAtMs: clock.now().getTime(),
    output,
    unfinished: () => (isUnfinished && !ended ? (script.unfinished ?? null) : null),
    end: () => ended,
    nextChange: () => change.happened,
    terminate() {
      if (ended || terminated || script.ignoresSigterm) return;
      terminated = true;
      if (script.onSigterm) void endWell(script.onSigterm);
      else finish({ exitCode: 143, signal: 'SIGTERM' });
    },
    kill: () => finish({ exitCode: 137, signal: 'SIGKILL' }),
  };
}

function createChange(): { happened: Promise<void>; happen: () => void } {
  let happen = () => {};
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}
