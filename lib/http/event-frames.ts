import type { ExecutionEvent } from '../model/event';
import { oncePerBatch } from '../streams/batch';
import { frame } from './sse';

const encoder = new TextEncoder();

/** A frame for each event; encoded once for all who follow. */
export const encodeEvents = oncePerBatch((events: readonly ExecutionEvent[]) =>
  encoder.encode(events.map((event) => frame(event.seq, JSON.stringify(event))).join('')),
);
