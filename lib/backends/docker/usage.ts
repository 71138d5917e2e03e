import { z } from 'zod';
import type { Clock } from '../../clock';
import type { UsageReading } from '../backend';
import { type Daemon, quickMs, refusalStatus } from './daemon';
import { measureDisk } from './disk';

const count = z.number().catch(0);
const blockEntry = z.object({ op: z.string(), value: z.number() });

/** The parts of Docker's stats that are read here; they differ between versions and control groups v1 and v2. */
const stats = z.object({
  read: z.string(),
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: count }) }),
  memory_stats: z.object({
    usage: z.number().optional(),
    limit: z.number().optional(),
    stats: z.object({ total_inactive_file: count, inactive_file: count }).partial().nullish(),
  }),
  networks: z.record(z.string(), z.object({ rx_bytes: count, tx_bytes: count })).nullish(),
  blkio_stats: z.object({ io_service_bytes_recursive: z.array(blockEntry).nullish() }).nullish(),
});

/** One container's disk is not measured more often, and takes at most a part of the time: the engine walks its files. */
const diskPauseMs = 15_000;
const diskShare = 20;
/** What was measured of a container that nobody asks about any more is forgotten. */
const diskKeptMs = 10 * 60_000;

/**
 * Tells what a container uses: null when it does not run. Docker answers with its collector's next round, within a
 * second; the disk is measured beside that, and told with a later reading.
 */
export function createUsageReader({ clock, daemon }: { clock: Clock; daemon: Daemon }) {
  const disks = new Map<string, { bytes: number | null; againAtMs: number }>();

  async function measure(container: string, before: number | null): Promise<void> {
    const startMs = clock.monotonicMs();
    disks.set(container, { bytes: before, againAtMs: Number.POSITIVE_INFINITY });
    const bytes = await measureDisk(daemon, { name: container });
    const nowMs = clock.monotonicMs();
    for (const [name, { againAtMs }] of disks) if (nowMs - againAtMs > diskKeptMs) disks.delete(name);
    disks.set(container, { bytes, againAtMs: nowMs + Math.max(diskPauseMs, diskShare * (nowMs - startMs)) });
  }

  return async (container: string): Promise<UsageReading | null> => {
    try {
      const answer = await daemon.call(`tell what ${container} uses`, quickMs, (docker) =>
        docker.getContainer(container).stats({ stream: false, 'one-shot': true }),
      );
      const reading = readingOf(stats.parse(answer));
      const disk = disks.get(container);
      if (!disk || clock.monotonicMs() >= disk.againAtMs) void measure(container, disk?.bytes ?? null);
      return reading && { ...reading, diskBytes: disk?.bytes ?? null };
    } catch (error) {
      disks.delete(container);
      if (refusalStatus(error) === 404 || refusalStatus(error) === 409) return null;
      throw error;
    }
  };
}

function readingOf({ read, cpu_stats, memory_stats, networks, blkio_stats }: z.infer<typeof stats>) {
  // A container that has just ended has no memory.
  if (memory_stats.usage === undefined) return null;
  const blocks = blkio_stats?.io_service_bytes_recursive ?? [];
  const interfaces = Object.values(networks ?? {});
  return {
    atMs: Date.parse(read),
    cpuMs: cpu_stats.cpu_usage.total_usage / 1e6,
    // As `docker stats` does: pages of files that can be dropped are not in use.
    memoryBytes: Math.max(0, memory_stats.usage - inactive(memory_stats.stats)),
    memoryLimitBytes: memory_stats.limit ?? null,
    receivedBytes: sum(interfaces.map((each) => each.rx_bytes)),
    sentBytes: sum(interfaces.map((each) => each.tx_bytes)),
    readBytes: sum(blocks.filter(({ op }) => op.toLowerCase() === 'read').map(({ value }) => value)),
    writtenBytes: sum(blocks.filter(({ op }) => op.toLowerCase() === 'write').map(({ value }) => value)),
  };
}

function inactive(detail: z.infer<typeof stats>['memory_stats']['stats']): number {
  return detail?.total_inactive_file ?? detail?.inactive_file ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
