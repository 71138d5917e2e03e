import { z } from 'zod';
import type { Clock } from '../../clock';

const progressLine = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
});

/** Reads the daemon's stream of JSON lines and tells the share of bytes that are there, at most every 2 s. */
export function createPullProgress({ clock }: { clock: Clock }, onProgress: (detail: string) => void) {
  const layers = new Map<string, { current: number; total: number }>();
  let rest = '';
  let failure: string | null = null;
  let told = '';
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let heardAtMs = clock.monotonicMs();

  function tell(): void {
    const detail = describe(layers);
    if (detail === told || clock.monotonicMs() - toldAtMs < 2_000) return;
    told = detail;
    toldAtMs = clock.monotonicMs();
    onProgress(detail);
  }

  return {
    feed(text: string): void {
      heardAtMs = clock.monotonicMs();
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.trim()) continue;
        const { id, status, error, progressDetail } = progressLine.parse(JSON.parse(line));
        if (error) failure ??= error;
        if (!id || !status) continue;
        const known = layers.get(id) ?? { current: 0, total: 0 };
        if (status === 'Downloading' && progressDetail?.total) {
          layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
        } else if (/^(Download complete|Pull complete|Already exists)$/.test(status)) {
          layers.set(id, { ...known, current: known.total });
        }
      }
      tell();
    },
    failure: () => failure,
    /** Resolves with true after so long without a word, with false when the signal ends it. */
    async silentFor(limitMs: number, signal: AbortSignal): Promise<boolean> {
      while (!signal.aborted) {
        const leftMs = heardAtMs + limitMs - clock.monotonicMs();
        if (leftMs <= 0) return true;
        await clock.sleep(leftMs, signal);
      }
      return false;
    },
  };
}

function describe(layers: Map<string, { current: number; total: number }>): string {
  let current = 0;
  let total = 0;
  for (const layer of layers.values()) {
    current += layer.current;
    total += layer.total;
  }
  return total === 0 ? 'asking the registry' : `${Math.floor((100 * current) / total)} %`;
}
