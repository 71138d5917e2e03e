import type { Clock } from '../clock';
import type { StepPhase } from '../model/execution';
import type { Recorder } from './recorder';

const settleMs = 300;

interface PhaseRecorder {
  see(phase: Omit<StepPhase, 'at'>): void;
  /** What was seen last is over: it runs, or is ready. */
  pass(): void;
  end(): void;
}

/**
 * Records what a starting step does, but only what lasts: a phase that is over within 300 ms is not worth a
 * transaction.
 */
export function createPhaseRecorder(
  { clock }: { clock: Clock },
  recorder: Recorder,
  stepId: string,
  attempt: number,
): PhaseRecorder {
  const ended = new AbortController();
  let newest: StepPhase | null = null;
  let isWaiting = false;

  async function recordSoon(): Promise<void> {
    isWaiting = true;
    await clock.sleep(settleMs, ended.signal);
    isWaiting = false;
    if (ended.signal.aborted || !newest) return;
    // Rejects only when fenced: then the whole run is being dropped.
    await recorder.record({ type: 'attempt.phase', stepId, attempt, phase: newest }).catch(() => undefined);
  }

  return {
    see(phase) {
      if (newest?.name === phase.name && newest.detail === phase.detail) return;
      newest = phase.name === 'running' ? null : { ...phase, at: clock.now().toISOString() };
      if (newest && !isWaiting) void recordSoon();
    },
    pass() {
      newest = null;
    },
    end: () => ended.abort(),
  };
}
