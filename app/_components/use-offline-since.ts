import { useEffect, useState } from 'react';

/** How often it is asked while it answers, and while it does not. */
const lookMs = 10_000;
const lookAgainMs = 3_000;
const answerMs = 10_000;
/** A proxy answers so in the place of a server that is away. */
const proxyErrors = [502, 503, 504];

/**
 * Since when the server has not answered; null while it does. For a page that follows no stream, which would tell: it
 * asks every ten seconds while it is seen.
 */
export function useOfflineSince(isWatched: boolean): number | null {
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    if (!isWatched) return;
    const over = new AbortController();
    let timer = setTimeout(look, lookMs);

    async function look(): Promise<void> {
      const answers = document.hidden || (await isThere(over.signal));
      if (over.signal.aborted) return;
      if (!document.hidden) setSince((before) => (answers ? null : (before ?? Date.now())));
      timer = setTimeout(look, answers ? lookMs : lookAgainMs);
    }

    return () => {
      over.abort();
      clearTimeout(timer);
      setSince(null);
    };
  }, [isWatched]);
  return since;
}

async function isThere(over: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([over, AbortSignal.timeout(answerMs)]);
    // A redirect, as to sign in, is an answer.
    const { status } = await fetch('/healthz', { cache: 'no-store', redirect: 'manual', signal });
    return !proxyErrors.includes(status);
  } catch {
    // Not silent: the page says that it is offline.
    return false;
  }
}
