import { z } from 'zod';
import type { UsageReading } from '../backend';
import { type Daemon, quickMs, refusalStatus } from './daemon';

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

/** Null when the container does not run. Docker answers with its collector's next round: within a second. */
export async function readUsage(daemon: Daemon, container: string): Promise<UsageReading | null> {
  try {
    const answer = await daemon.call(`tell what ${container} uses`, quickMs, (docker) =>
      docker.getContainer(container).stats({ stream: false, 'one-shot': true }),
    );
    return readingOf(stats.parse(answer));
  } catch (error) {
    if (refusalStatus(error) === 404 || refusalStatus(error) === 409) return null;
    throw error;
  }
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
