import { type Backend, type StepOutcome, type StepWatch, StopRequest } from '../backends/backend';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { StepSpec } from '../model/step-spec';
import type { EngineLimits } from './engine';
import { formatDuration } from './evaluate-attempt';

/** From one sign of life to the next while a step starts: a slow pull tells of its progress. */
const defaultStartSilenceMs = 10 * 60_000;
/** After a stop, beyond the grace time. */
const stopSilenceMs = 2 * 60_000;

/**
 * As `Backend.runStep`, but an attempt is not waited for without end: rejects with `backend_failed` when the
 * backend gives no sign of life for too long while it starts or stops one. What comes from it later is not heard.
 * While the step waits for something (phase `preparing`) or its program runs it may be as quiet as it likes.
 */
export async function superviseAttempt(
  { clock, limits }: { clock: Clock; limits: Pick<EngineLimits, 'startSilenceMs'> },
  backend: Pick<Backend, 'runStep'>,
  spec: StepSpec,
  watch: StepWatch,
): Promise<StepOutcome> {
  const { startSilenceMs = defaultStartSilenceMs } = limits;
  const over = new AbortController();
  const running = new AbortController();
  let lastSignMs = clock.monotonicMs();
  /** What the backend waits for is not its silence. */
  let waitedFor = 0;
  /** It has said that the step waits for something: an agent, room in a cluster. */
  let isWaiting = false;

  function noteLife(): boolean {
    lastSignMs = clock.monotonicMs();
    return !over.signal.aborted;
  }

  async function whileWaiting(work: () => Promise<void>): Promise<void> {
    if (!noteLife()) return;
    waitedFor += 1;
    try {
      await work();
    } finally {
      waitedFor -= 1;
      noteLife();
    }
  }

  /** Resolves when it was silent for so long, or never when `enough` ends first. */
  async function silence(limitMs: number, done: AbortSignal): Promise<void> {
    while (!done.aborted) {
      const leftMs = lastSignMs + limitMs - clock.monotonicMs();
      if (leftMs <= 0 && waitedFor === 0 && !isWaiting) return;
      await clock.sleep(leftMs > 0 ? leftMs : limitMs, done);
    }
    return new Promise(() => undefined);
  }

  async function startSilence(): Promise<never> {
    await silence(startSilenceMs, AbortSignal.any([running.signal, over.signal]));
    throw lost(`while it started for ${formatDuration(startSilenceMs)}`);
  }

  async function stopSilence(): Promise<never> {
    const request = await stopRequested(watch.signal, over.signal);
    running.abort();
    isWaiting = false;
    noteLife();
    const limitMs = request.graceMs + stopSilenceMs;
    await silence(limitMs, over.signal);
    throw lost(`for ${formatDuration(limitMs)} after it was asked to stop it`);
  }

  function lost(when: string): AppError {
    return new AppError(
      'backend_failed',
      `The backend \`${spec.backend.id}\` gave no sign of life of step ${spec.stepId} ${when}.`,
    );
  }

  try {
    return await Promise.race([
      backend.runStep(spec, {
        ...watch,
        onPhase: (phase) => {
          isWaiting = phase.name === 'preparing';
          if (noteLife()) watch.onPhase(phase);
        },
        onRunning: (from) => {
          running.abort();
          if (noteLife()) watch.onRunning(from);
        },
        onReady: () => void (noteLife() && watch.onReady()),
        onUnfinished: (line) => {
          if (noteLife()) watch.onUnfinished?.(line);
        },
        onLines: (lines) => whileWaiting(() => watch.onLines(lines)),
        onArtifact: (artifact) => whileWaiting(() => watch.onArtifact(artifact)),
      }),
      startSilence(),
      stopSilence(),
    ]);
  } finally {
    over.abort();
  }
}

/** Never resolves for a step that is handed over, nor once `over` has ended. */
function stopRequested(signal: AbortSignal, over: AbortSignal): Promise<StopRequest> {
  return new Promise((resolve) => {
    const settle = () => {
      const request: unknown = signal.reason;
      if (request instanceof StopRequest && request.why !== 'detached') resolve(request);
    };
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true, signal: over });
  });
}
