import type { Clock } from '@/lib/clock';

export interface FakeClock extends Clock {
  /** Moves the time on, waking sleepers in the order in which they are due; each may go on before the next. */
  advance(ms: number): Promise<void>;
  /** Resolves when somebody sleeps and is due in exactly `ms`; at once when that is so already. */
  whenSleeping(ms: number): Promise<void>;
  /** Milliseconds until each sleeper is due, soonest first. */
  sleepers(): number[];
}

interface Sleeper {
  dueAt: number;
  wake: () => void;
}

/** A clock that stands still until it is advanced. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];
  let watchers: { ms: number; seen: () => void }[] = [];

  function tellWatchers() {
    const reached = watchers.filter(({ ms }) => sleepers.some(({ dueAt }) => dueAt - nowMs === ms));
    watchers = watchers.filter((watcher) => !reached.includes(watcher));
    for (const { seen } of reached) seen();
  }

  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs - startMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper: Sleeper = {
          dueAt: nowMs + Math.max(0, ms),
          wake: () => {
            sleepers = sleepers.filter((each) => each !== sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
        tellWatchers();
      }),
    async advance(ms) {
      const end = nowMs + ms;
      await letOthersRun();
      for (;;) {
        const due = sleepers.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
        if (!due) break;
        nowMs = Math.max(nowMs, due.dueAt);
        due.wake();
        await letOthersRun();
      }
      nowMs = end;
      tellWatchers();
    },
    whenSleeping(ms) {
      return new Promise((resolve) => {
        watchers.push({ ms, seen: resolve });
        tellWatchers();
      });
    },
    sleepers: () => sleepers.map(({ dueAt }) => dueAt - nowMs).sort((a, b) => a - b),
  };
}

/** Promises that are ready, and what they lead to, without any real waiting. */
async function letOthersRun(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
