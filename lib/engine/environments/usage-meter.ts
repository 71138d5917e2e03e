import type { BackendRegistry, UsageReading } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { Environment, NumberedUsage, ResourceUsage } from '../../model/environment';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { isRunning } from '../../model/running-resource';

/**
 * Readings at the same time: with the pause between rounds this bounds what they cost, however many there are. Docker
 * needs 7 ms of a core for one and answers within a second: five a second are 3.5 % of a core.
 */
const perRound = 10;
const pauseMs = 1_000;
/** One resource is not read more often. */
const minAgeMs = 2_000;

interface Target {
  backendId: string;
  executionId: string;
  name: string;
}

interface Known extends NumberedUsage {
  reading: UsageReading | null;
}

/**
 * Reads what running resources use, those that have waited longest first, a few at a time. A rate is taken between
 * two readings of the same resource.
 */
export function createUsageMeter({
  clock,
  backends,
  logger,
}: {
  clock: Clock;
  backends: BackendRegistry;
  logger: Logger;
}) {
  const known = new Map<string, Known>();
  /** Also of those that have no reading: they wait their turn like the others. */
  const askedAtMs = new Map<string, number>();
  let number = 0;

  async function read({ backendId, executionId, name }: Target): Promise<void> {
    const key = keyOf(executionId, name);
    const before = known.get(key) ?? null;
    askedAtMs.set(key, clock.monotonicMs());
    try {
      const backend = await backends.get(backendId);
      const reading = (await backend?.readUsage?.(executionId, name)) ?? null;
      if (!reading) {
        known.delete(key);
        return;
      }
      number += 1;
      known.set(key, {
        number,
        executionId,
        name,
        usage: usageBetween(before?.reading ?? null, reading),
        reading,
      });
    } catch (error) {
      // The list says that the backend is away; a reading that is missing needs no words of its own.
      logger.debug({ resource: name, error: messageOf(error) }, 'a reading of usage failed');
    }
  }

  function next(environments: readonly Environment[]): Target[] {
    const targets = environments.flatMap(targetsOf);
    const present = new Set(targets.map((each) => keyOf(each.executionId, each.name)));
    for (const key of known.keys()) if (!present.has(key)) known.delete(key);
    for (const key of askedAtMs.keys()) if (!present.has(key)) askedAtMs.delete(key);
    const nowMs = clock.monotonicMs();
    const askedAt = (each: Target) => askedAtMs.get(keyOf(each.executionId, each.name)) ?? 0;
    // One that lacks only its second reading to have a rate comes first, then those that have none.
    const turn = (each: Target) =>
      known.get(keyOf(each.executionId, each.name))?.usage.cpu === null ? -1 : askedAt(each);
    return targets
      .filter((each) => askedAt(each) === 0 || nowMs - askedAt(each) >= minAgeMs)
      .sort((a, b) => turn(a) - turn(b))
      .slice(0, perRound);
  }

  return {
    /** In the order in which they were made. */
    usages: (): NumberedUsage[] => [...known.values()].map(plain).sort((a, b) => a.number - b.number),
    /** Until the signal ends; `onRead` after each round that brought something. */
    async run(
      environments: () => readonly Environment[],
      onRead: () => void,
      signal: AbortSignal,
    ): Promise<void> {
      while (!signal.aborted) {
        const targets = next(environments());
        await Promise.all(targets.map(read));
        if (targets.length > 0) onRead();
        await clock.sleep(pauseMs, signal);
      }
    },
  };
}

function targetsOf({ id, backend, resources }: Environment): Target[] {
  return resources.filter(isRunning).map(({ name }) => ({ backendId: backend.id, executionId: id, name }));
}

function usageBetween(before: UsageReading | null, now: UsageReading): ResourceUsage {
  const spanMs = before ? now.atMs - before.atMs : 0;
  // A counter that went back belongs to a program that was started again.
  const rate = (from: number | null | undefined, to: number | null) =>
    from == null || to === null || spanMs <= 0 || to < from ? null : (to - from) / spanMs;
  const perSecond = (from: number | null | undefined, to: number | null) => {
    const value = rate(from, to);
    return value === null ? null : Math.round(value * 1000);
  };
  const cpu = now.cpu ?? rate(before?.cpuMs, now.cpuMs);
  return {
    at: new Date(now.atMs).toISOString(),
    cpu: cpu === null ? null : Math.round(cpu * 1000) / 1000,
    memoryBytes: now.memoryBytes,
    memoryLimitBytes: now.memoryLimitBytes,
    receivedRate: perSecond(before?.receivedBytes, now.receivedBytes),
    sentRate: perSecond(before?.sentBytes, now.sentBytes),
    readRate: perSecond(before?.readBytes, now.readBytes),
    writtenRate: perSecond(before?.writtenBytes, now.writtenBytes),
    diskBytes: now.diskBytes ?? null,
  };
}

function plain({ number, executionId, name, usage }: Known): NumberedUsage {
  return { number, executionId, name, usage };
}

function keyOf(executionId: string, name: string): string {
  return `${executionId} ${name}`;
}
