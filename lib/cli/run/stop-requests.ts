import { type Clock, systemClock } from '../../clock';
import type { Terminal } from '../terminal';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** What asks a run to stop: a person's Ctrl-C, the SIGTERM of a CI runner, the limit of `--timeout`. */
export interface StopRequests {
  /** Aborted by the second request: the run is left as it is. */
  readonly leave: AbortSignal;
  /** What the first request does; at once when it has come already. */
  onCancel(cancel: () => void): void;
  close(): void;
}

export function watchStopRequests(
  terminal: Terminal,
  timeoutMs: number | null,
  clock: Clock = systemClock,
): StopRequests {
  const leave = new AbortController();
  const closed = new AbortController();
  let isRequested = false;
  let cancel: (() => void) | null = null;

  const request = (why: string) => {
    if (isRequested) return leave.abort();
    isRequested = true;
    terminal.note(`\n${why}: cancelling, and waiting for the clean-up. Ctrl-C again leaves it running.`);
    cancel?.();
  };
  const onSignal = (signal: NodeJS.Signals) => request(signal);
  for (const signal of signals) process.on(signal, onSignal);
  if (timeoutMs !== null) {
    void clock.sleep(timeoutMs, closed.signal).then(() => {
      if (!closed.signal.aborted && !isRequested) request('The limit of --timeout is over');
    });
  }
  return {
    leave: leave.signal,
    onCancel(given) {
      cancel = given;
      if (isRequested) cancel();
    },
    close() {
      closed.abort();
      for (const signal of signals) process.removeListener(signal, onSignal);
    },
  };
}
