import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openSse, type SseClient } from './sse-client';

export interface Crowd {
  /** From the making of each message to each client, in milliseconds, over a time that begins at `onBegin`. */
  watch(seconds: number, onBegin?: () => void): Promise<{ delaysMs: number[]; messages: number }>;
  /** Resolves when every stream is closed. */
  leave(): Promise<void>;
}

const openedAtOnce = 50;
const maxWayMs = 5_000;
const line = z.object({ seq: z.number(), text: z.string() });

/** Clients of one stream whose messages say when they were made. */
export async function gatherCrowd(url: URL, token: string, count: number): Promise<Crowd> {
  const clients: SseClient[] = [];
  /** By message: when it was made, and when it came to each client. */
  let seen = new Map<number, { madeMs: number; cameMs: number[] }>();
  for (let opened = 0; opened < count; opened += openedAtOnce) {
    const next = Array.from({ length: Math.min(openedAtOnce, count - opened) }, () =>
      openSse(url, token, ({ data, event }) => {
        if (event) return;
        const cameMs = performance.timeOrigin + performance.now();
        const { seq, text } = line.parse(JSON.parse(data));
        // Messages are numbered: one that comes twice or never is found by the count.
        const message = seen.get(seq) ?? { madeMs: Number(text), cameMs: [] };
        seen.set(seq, message);
        message.cameMs.push(cameMs);
      }),
    );
    await Promise.all(next.map((client) => client.opened));
    clients.push(...next);
  }
  return {
    async watch(seconds, onBegin) {
      // Between two messages, so that none is half in and half out.
      while ([...seen.values()].at(-1)?.cameMs.length !== count) await sleep(5);
      seen = new Map();
      onBegin?.();
      await sleep((seconds + 0.5) * 1000);
      const messages = [...seen.values()];
      const findShort = () => messages.find(({ cameMs }) => cameMs.length !== count);
      // The last one may be on its way.
      for (let waitedMs = 0; findShort() && waitedMs < maxWayMs; waitedMs += 5) await sleep(5);
      const short = findShort();
      if (short) throw new Error(`a message came to ${short.cameMs.length} of ${count} clients`);
      const delaysMs = messages.flatMap(({ madeMs, cameMs }) => cameMs.map((ms) => ms - madeMs));
      return { delaysMs, messages: messages.length };
    },
    async leave() {
      for (const client of clients) client.close();
      await Promise.all(clients.map((client) => client.ended));
    },
  };
}
