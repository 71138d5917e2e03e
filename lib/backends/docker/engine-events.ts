import { z } from 'zod';
import type { ContainerState } from './containers';
import { type Daemon, quickMs } from './daemon';
import type { DaemonSettings } from './daemon-settings';

const event = z.object({ Action: z.string().optional(), status: z.string().optional() });
/** A Docker daemon keeps so many events, in memory alone; see `eventsLimit` in moby's daemon/events. */
const maxKeptEvents = 256;

export interface ContainerEvents {
  container: string;
  actions: string[];
  /** In milliseconds since the epoch, by the engine's clock; a time to come is waited for. */
  sinceMs: number;
  untilMs: number;
}

/** The first of these actions that the engine remembers; null when it remembers none. */
export async function firstEvent(
  daemon: Daemon,
  { container, actions, sinceMs, untilMs }: ContainerEvents,
): Promise<string | null> {
  const filters = { container: [container], event: actions };
  const [first] = await readEvents(daemon, 1, {
    since: sinceMs / 1000,
    until: Math.max(sinceMs, untilMs) / 1000,
    filters,
  });
  return first ?? null;
}

/**
 * Whether the engine was started anew since the container was: it remembers all since its own start, and that this
 * container was started is not of it. False where that cannot be told.
 */
export async function hasForgotten(
  daemon: Daemon,
  container: string,
  state: ContainerState,
  { nowSeconds }: DaemonSettings,
): Promise<boolean> {
  if (Number.isNaN(nowSeconds)) return false;
  const all = await readEvents(daemon, maxKeptEvents, { since: 1, until: nowSeconds });
  if (all.length >= maxKeptEvents) return false;
  const sinceMs = startOf(state);
  const untilMs = nowSeconds * 1000;
  return (await firstEvent(daemon, { container, actions: ['start'], sinceMs, untilMs })) === null;
}

/** A second before the container's start; engines before Docker 25 may say that it ended before it started. */
export function startOf({ StartedAt, FinishedAt }: ContainerState): number {
  return Math.min(Date.parse(StartedAt), Date.parse(FinishedAt)) - 1_000;
}

/** The actions of at most so many events, the oldest first. Times are in seconds. */
function readEvents(
  daemon: Daemon,
  max: number,
  wanted: { since: number; until: number; filters?: Record<string, string[]> },
): Promise<string[]> {
  return daemon.call('tell its events', quickMs, async (docker) => {
    const stream = await docker.getEvents(wanted);
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      // Leaving the loop closes the stream.
      if (text.split('\n').length > max) break;
    }
    const lines = text.split('\n').slice(0, max);
    return lines
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const { Action, status } = event.parse(JSON.parse(line));
        return Action ?? status ?? '';
      });
  });
}
