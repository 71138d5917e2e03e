import { z } from 'zod';
import { type Daemon, slowMs } from './daemon';

const sized = z.array(z.object({ SizeRw: z.number().optional() }));

/** What the container has written over its image, in bytes; null when the engine does not tell. Its volumes are not in it. */
export async function measureDisk(
  daemon: Daemon,
  container: { id: string } | { name: string },
): Promise<number | null> {
  const filters: Record<string, string[]> =
    'id' in container ? { id: [container.id] } : { name: [`^/?${container.name}$`] };
  try {
    const answer = await daemon.call('measure what a step has written', slowMs, (docker) =>
      docker.listContainers({ all: true, size: true, filters }),
    );
    return sized.parse(answer)[0]?.SizeRw ?? null;
  } catch {
    // The next look may tell; without an answer nothing is ended.
    return null;
  }
}
