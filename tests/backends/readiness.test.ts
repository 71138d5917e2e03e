import { describe, expect, it } from 'vitest';
import type { Answer } from '@/lib/backends/probes';
import { pollUntilReady } from '@/lib/backends/readiness';
import { createFakeClock } from '../support/fake-clock';

const rule = {
  probes: [{ type: 'tcp' as const, port: 8080 }],
  ...{ forMs: 0, intervalMs: 250, timeoutMs: 1_000 },
};

describe('A service whose time to get ready is over before its first probe has an answer', () => {
  it('says what that answer was, and not that there was none', async () => {
    expect(await askedSlowly({ ready: false, text: 'connection refused' })).toEqual({
      ready: false,
      reason: 'not ready after 1 s: tcp port 8080: connection refused',
    });
  });

  it('is not ready by an answer that came later', async () => {
    expect(await askedSlowly({ ready: true, text: 'connected' })).toEqual({
      ready: false,
      reason: 'not ready after 1 s: it answered later',
    });
  });
});

/** The answer comes three seconds after the question, unless that is cut off before. */
async function askedSlowly(answer: Answer) {
  const clock = createFakeClock();
  const readiness = pollUntilReady(
    { clock },
    rule,
    {
      async run(_probe, signal) {
        await clock.sleep(3_000, signal);
        return signal.aborted ? { ready: false, text: 'no answer' } : answer;
      },
    },
    { signal: new AbortController().signal, onTranscript: () => undefined, onPhase: () => undefined },
  );
  for (let step = 0; step < 8; step += 1) {
    await new Promise(setImmediate);
    await clock.advance(500);
  }
  return readiness;
}
