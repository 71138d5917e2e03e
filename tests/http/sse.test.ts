import { describe, expect, it } from 'vitest';
import { frame, sseResponse } from '@/lib/http/sse';
import { createFakeClock } from '@/tests/support/fake-clock';

const encoder = new TextEncoder();
const request = (signal?: AbortSignal) => new Request('http://gantry/stream', signal ? { signal } : {});

async function* frames(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield encoder.encode(text);
}

function readerOf(response: Response) {
  const reader = response.body?.getReader();
  if (!reader) throw new Error('no body');
  const decoder = new TextDecoder();
  return {
    next: async () => {
      const { value, done } = await reader.read();
      return done ? null : decoder.decode(value);
    },
    cancel: () => reader.cancel(),
  };
}

describe('sseResponse', () => {
  it('sends how to reconnect, the frames, the end, and closes', async () => {
    const context = { clock: createFakeClock(), closing: new AbortController().signal };
    const body = await sseResponse(context, request(), () =>
      frames(frame(1, '{"a":1}'), frame(2, '{}')),
    ).text();

    expect(body).toMatch(
      /^retry: \d+\n\nid: 1\ndata: \{"a":1\}\n\nid: 2\ndata: \{\}\n\nevent: end\ndata: \{\}\n\n$/,
    );
  });

  it('tells proxies and Next to leave the stream alone', () => {
    const context = { clock: createFakeClock(), closing: new AbortController().signal };
    const { headers } = sseResponse(context, request(), () => frames());

    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
  });

  it('pings every 15 s while nothing comes', async () => {
    const clock = createFakeClock();
    const silent = async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    const reader = readerOf(sseResponse({ clock, closing: new AbortController().signal }, request(), silent));
    await reader.next();
    const first = reader.next();
    await clock.advance(15_000);

    expect(await first).toBe(': ping\n\n');
    const second = reader.next();
    await clock.advance(15_000);
    expect(await second).toBe(': ping\n\n');
    await reader.cancel();
  });

  it('takes no frame from the source that the client has not asked for', async () => {
    let taken = 0;
    const counting = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken += 1;
        yield encoder.encode(frame(taken, '{}'));
      }
    };
    const context = { clock: createFakeClock(), closing: new AbortController().signal };
    const reader = readerOf(sseResponse(context, request(), counting));
    for (let reads = 0; reads < 4; reads++) await reader.next();

    expect(taken).toBeLessThanOrEqual(4);
    await reader.cancel();
  });

  it('ends the source when the client leaves', async () => {
    let hasEnded = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield encoder.encode(': x\n\n');
      } finally {
        hasEnded = true;
      }
    };
    const context = { clock: createFakeClock(), closing: new AbortController().signal };
    const reader = readerOf(sseResponse(context, request(), endless));
    await reader.next();
    await reader.next();
    await reader.cancel();

    expect(hasEnded).toBe(true);
  });

  it('closes without an end when the server stops, so that the client comes back', async () => {
    const closing = new AbortController();
    const waiting = async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
      yield encoder.encode(frame(1, '{}'));
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    const reader = readerOf(
      sseResponse({ clock: createFakeClock(), closing: closing.signal }, request(), waiting),
    );
    await reader.next();
    await reader.next();
    const last = reader.next();
    closing.abort();

    expect(await last).toBeNull();
  });
});
