import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { OpenFrames } from '@/lib/http/route-result';
import { frame, frameStream } from '@/lib/http/sse';
import { createSseWriter, type FindCallers } from '@/lib/http/sse-writer';
import { createFakeClock } from '@/tests/support/fake-clock';
import { silentLogger } from '@/tests/support/silent-logger';
import { type Adapter, adapters, serveAnswers } from '@/tests/support/stream-answer';

const encoder = new TextEncoder();
const turn = () => new Promise((resolve) => setImmediate(resolve));
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** What the caller may do with the suite of the stream, and with all. */
const mayWith = (suiteId: string | null) => (suiteId === 'pay' ? 'see' : 'see launch');
const standing = () => ({ suiteId: 'pay', text: 'see' });

async function serveThrough(
  adapter: Adapter,
  open: OpenFrames,
  findCallers: FindCallers = async (ids) => new Map(ids.map((id) => [id, mayWith])),
) {
  const clock = createFakeClock();
  const closing = new AbortController();
  const sse = createSseWriter({ clock, logger: silentLogger, findCallers }, closing.signal);
  const server = await serveAnswers(adapter, sse, () => frameStream({ tokenId: 'ada', standing }, open));
  cleanUps.push(async () => {
    closing.abort();
    await server.close();
  });
  return { clock, closing, sse, url: server.url };
}

/** Reads until the text has come. */
async function readUntil(answer: IncomingMessage, wanted: string): Promise<string> {
  let text = '';
  for await (const chunk of answer.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes(wanted)) break;
  }
  return text;
}

async function ask(url: string): Promise<IncomingMessage> {
  const asked = request(url, { agent: false });
  asked.end();
  const [answer] = await once(asked, 'response');
  return answer;
}

async function* waiting(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield encoder.encode(frame(1, '{}'));
  if (!signal.aborted) await once(signal, 'abort');
}

describe.each(adapters)('through the %s adapter', (adapter) => {
  const serve = (open: OpenFrames, findCallers?: FindCallers) => serveThrough(adapter, open, findCallers);

  test('a stream says how to come back, sends the frames and the end, and closes', async () => {
    const { url } = await serve(async function* () {
      yield encoder.encode(frame(1, '{"a":1}'));
      yield encoder.encode(frame(2, '{}'));
    });
    const answer = await fetch(url);

    expect(await answer.text()).toMatch(
      /^retry: \d+\n\nid: 1\ndata: \{"a":1\}\n\nid: 2\ndata: \{\}\n\nevent: end\ndata: \{\}\n\n$/,
    );
  });

  test('proxies are told to leave the stream alone', async () => {
    const { url } = await serve(waiting);
    const { headers } = await ask(url);

    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache, no-transform');
    expect(headers['x-accel-buffering']).toBe('no');
  });

  test.each([
    ['the end of its caller', new Map<string, typeof mayWith>()],
    ['a change in what its caller may do with its suite', new Map([['ada', () => 'see launch']])],
  ])('a stream ends within 5 s of %s, whatever the store said before', async (_, after) => {
    const answers = [
      async () => new Map([['ada', mayWith]]),
      () => Promise.reject(new Error('the database is away')),
      async () => after,
    ];
    let looks = 0;
    const { url, clock } = await serve(waiting, (ids) => {
      expect(ids).toEqual(['ada']);
      looks += 1;
      return answers[looks - 1]?.() ?? Promise.resolve(after);
    });
    const answer = await ask(url);
    await readUntil(answer, 'id: 1');
    const closed = once(answer, 'close').catch(() => undefined);
    for (let seconds = 0; seconds < 5; seconds += 1) await clock.advance(1_000);
    expect([looks, answer.destroyed]).toEqual([2, false]);
    for (let seconds = 0; seconds < 5; seconds += 1) await clock.advance(1_000);
    await closed;
    expect(looks).toBe(3);
  });

  test('a ping comes every 15 s while nothing else does', async () => {
    const { url, clock } = await serve(waiting);
    const answer = await ask(url);
    await readUntil(answer, 'id: 1');
    await clock.advance(14_000);
    await clock.advance(1_000);
    expect(await readUntil(answer, 'ping')).toBe(': ping\n\n');
    await clock.advance(15_000);
    expect(await readUntil(answer, 'ping')).toBe(': ping\n\n');
    answer.destroy();
  });

  test('no more is taken from the source than the client reads, and a client that reads nothing is let go', async () => {
    let taken = 0;
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { url, clock } = await serve(async function* () {
      try {
        for (;;) {
          taken += 1;
          yield new Uint8Array(1024 * 1024).fill(46);
        }
      } finally {
        end();
      }
    });
    const answer = await ask(url);
    answer.pause();
    const failed = once(answer, 'error');
    let hasEnded = false;
    void ended.then(() => {
      hasEnded = true;
    });
    while (!hasEnded) {
      await turn();
      await clock.advance(1_000);
    }
    // What the kernel takes for a client that does not read is a few megabytes.
    expect(taken).toBeLessThan(64);
    answer.resume();
    await failed;
  });

  test('a client that is slow with one large frame gets all of it', async () => {
    const size = 24 * 1024 * 1024;
    const { url, clock } = await serve(async function* () {
      yield new Uint8Array(size).fill(46);
    });
    const answer = await ask(url);
    let bytes = 0;
    for await (const chunk of answer) {
      const before = bytes;
      bytes += chunk.length;
      // Half a minute passes more than once while the frame is on its way, and never without progress.
      if (Math.floor(bytes / 2 ** 20) !== Math.floor(before / 2 ** 20)) {
        await turn();
        await clock.advance(5_000);
      }
    }
    expect(bytes).toBeGreaterThan(size);
  });

  test('the source ends when the client leaves', async () => {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { url } = await serve(async function* (signal) {
      try {
        yield* waiting(signal);
      } finally {
        end();
      }
    });
    const answer = await ask(url);
    await readUntil(answer, 'id: 1');
    answer.destroy();
    await ended;
  });

  test('a stream closes without an end when the server stops, so that the client comes back', async () => {
    const { url, closing } = await serve(waiting);
    const answer = await ask(url);
    await readUntil(answer, 'id: 1');
    closing.abort();

    expect(await readUntil(answer, 'event: end')).toBe('');
  });

  test('a stream that fails breaks off, so that the client asks again', async () => {
    let fail: () => void = () => {};
    const failing = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const { url } = await serve(async function* () {
      yield encoder.encode(frame(1, '{}'));
      await failing;
      throw new Error('the rows are gone');
    });
    const answer = await ask(url);
    await readUntil(answer, 'id: 1');
    fail();

    await expect(readUntil(answer, 'event: end')).rejects.toThrow(/aborted/);
  });
});

test('a request for the head alone opens nothing', async () => {
  let opened = 0;
  const { url, sse } = await serveThrough('web', (signal) => {
    opened += 1;
    return waiting(signal);
  });
  const { status } = await fetch(url, { method: 'HEAD' });

  expect([status, opened, sse.openStreams()]).toEqual([200, 0, 0]);
});
