import type { PrivateDaemon } from '../backends/private-daemon';
import type { PrivateRedis } from '../support/private-redis';
import type { ControlPlane } from './control-plane';
import type { Random } from './random';

export interface Victims {
  planes: readonly ControlPlane[];
  /** Kills it; it comes back by itself. */
  killPostgres: (() => Promise<void>) | null;
  redis: PrivateRedis | null;
  daemon: PrivateDaemon | null;
}

interface Fault {
  name: string;
  weight: number;
  strike(): Promise<void>;
}

/** One fault after another, each mended before the next, until the signal ends. Answers how often each struck. */
export async function strikeUntil(
  victims: Victims,
  random: Random,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Map<string, number>> {
  const struck = new Map<string, number>();
  const faults = faultsOf(victims, random);
  const deck = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  while (!signal.aborted) {
    await pause(random.whole(1_000, 4_000), signal);
    if (signal.aborted) break;
    const fault = random.pick(deck);
    say(`fault: ${fault.name}`);
    await fault.strike();
    struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
  }
  return struck;
}

function faultsOf({ planes, killPostgres, redis, daemon }: Victims, random: Random): Fault[] {
  const faults: Fault[] = [
    {
      name: 'a control plane is killed and comes back',
      weight: 4,
      async strike() {
        const plane = random.pick(planes);
        await plane.kill();
        await pause(random.whole(0, 6_000));
        await plane.start();
      },
    },
    {
      name: 'a control plane is stopped and comes back',
      weight: 1,
      async strike() {
        const plane = random.pick(planes);
        await plane.stop();
        await plane.start();
      },
    },
  ];
  if (killPostgres) faults.push({ name: 'PostgreSQL is killed', weight: 1, strike: killPostgres });
  if (redis)
    faults.push({
      name: 'Redis is killed and comes back',
      weight: 1,
      async strike() {
        await redis.kill();
        await pause(random.whole(0, 3_000));
        await redis.start();
      },
    });
  if (daemon)
    faults.push({
      name: 'the Docker daemon is killed and comes back',
      weight: 1,
      async strike() {
        await daemon.kill('SIGKILL');
        // On a busy machine it may take longer than it has; the second call finds it.
        await daemon.start().catch(() => daemon.start());
      },
    });
  return faults;
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
