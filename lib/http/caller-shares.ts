import { AppError } from '../model/errors';

/** What one caller may have of this control plane at a time, so that nobody else waits behind it. */
export interface CallerShares {
  /**
   * Waits until this caller's request has its turn, the first come first. Resolves with how to end the turn. Rejects
   * with `too_many_requests` when too many of the same caller wait already, and when the signal aborts meanwhile.
   */
  enter(caller: string, signal: AbortSignal): Promise<() => void>;
}

interface Caller {
  running: number;
  waiting: (() => void)[];
}

export function createCallerShares(maxAtOnce: number, maxWaiting: number): CallerShares {
  const callers = new Map<string, Caller>();

  function leave(id: string, caller: Caller): void {
    const next = caller.waiting.shift();
    // The next one takes the place over.
    if (next) next();
    else caller.running -= 1;
    if (caller.running === 0) callers.delete(id);
  }

  function turnOf(caller: Caller, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        caller.waiting = caller.waiting.filter((each) => each !== begin);
        reject(new AppError('bad_request', 'The client has left while its request waited for its turn.'));
      };
      caller.waiting.push(begin);
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  return {
    async enter(id, signal) {
      const caller = callers.get(id) ?? { running: 0, waiting: [] };
      callers.set(id, caller);
      if (caller.running < maxAtOnce) caller.running += 1;
      else {
        if (caller.waiting.length >= maxWaiting) {
          throw new AppError(
            'too_many_requests',
            `${maxAtOnce + maxWaiting} requests with this token or session are not answered yet: send the next ones later.`,
          );
        }
        await turnOf(caller, signal);
      }
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        leave(id, caller);
      };
    },
  };
}
