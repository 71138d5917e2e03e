import { z } from 'zod';
import type { Daemon } from './daemon';

export interface DaemonSettings {
  /** They run on while it is away (`live-restore`; always with Podman). */
  keepsContainers: boolean;
  /** By its own clock, in seconds since 1970; NaN when it does not tell. */
  nowSeconds: number;
}

const info = z.object({ LiveRestoreEnabled: z.boolean().catch(false), SystemTime: z.string().catch('') });

export async function readSettings(daemon: Daemon, limitMs: number): Promise<DaemonSettings> {
  const { name } = await daemon.engine(limitMs);
  return daemon.call('tell its settings', limitMs, async (docker) => {
    const { LiveRestoreEnabled, SystemTime } = info.parse(await docker.info());
    const nowSeconds = Date.parse(SystemTime) / 1000;
    // Podman's containers are nobody's children.
    return { keepsContainers: LiveRestoreEnabled || name === 'Podman', nowSeconds };
  });
}
