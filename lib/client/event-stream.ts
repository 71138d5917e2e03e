import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Clock } from '../clock';
import { ApiProblem, ControlPlaneUnreachable } from './api-errors';

/** The server pings every 15 s: a connection that is silent for longer is dead, whatever the network says. */
const silenceLimitMs = 45_000;
const maxPauseMs = 3_000;

export interface FollowOptions {
  clock: Clock;
  signal: AbortSignal;
  /** How long the control plane may be away, e.g. while it starts again. */
  giveUpAfterMs: number;
  /** Opens the stream after the item with this id. */
  open(lastId: string, signal: AbortSignal): Promise<Response>;
}

/**
 * The messages of an SSE route to its end. It goes on after cuts, dead connections and restarts of the control plane,
 * without a gap and without a message twice. Throws what the control plane refuses, and when it is away for too long.
 */
export async function* followStream(options: FollowOptions): AsyncIterable<EventSourceMessage> {
  const { clock, signal } = options;
  let lastId = '0';
  let awaySinceMs = clock.monotonicMs();
  for (let failures = 0; !signal.aborted; ) {
    const connection = new AbortController();
    try {
      const response = await options.open(lastId, AbortSignal.any([signal, connection.signal]));
      if (response.status === 204) return;
      for await (const message of messages(clock, response)) {
        failures = 0;
        if (message.event === 'end') return;
        if (message.id) lastId = message.id;
        yield message;
        awaySinceMs = clock.monotonicMs();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && error.status < 500) throw error;
      if (clock.monotonicMs() - awaySinceMs > options.giveUpAfterMs) throw error;
    } finally {
      connection.abort();
    }
    failures += 1;
    await clock.sleep(Math.min(100 * 2 ** failures, maxPauseMs), signal);
  }
}

async function* messages(clock: Clock, response: Response): AsyncIterable<EventSourceMessage> {
  const ready: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void ready.push(message) });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  while (reader) {
    const chunk = await readChunk(clock, reader);
    if (chunk === null) throw new ControlPlaneUnreachable('The stream is silent: its connection is dead.');
    if (chunk.done) return;
    parser.feed(decoder.decode(chunk.value, { stream: true }));
    yield* ready.splice(0);
  }
}

/** Null when nothing comes for too long. */
async function readChunk(clock: Clock, reader: ReadableStreamDefaultReader<Uint8Array>) {
  const read = new AbortController();
  try {
    const isSilent = clock.sleep(silenceLimitMs, read.signal).then(() => null);
    return await Promise.race([reader.read(), isSilent]);
  } finally {
    read.abort();
  }
}
