import { z } from 'zod';
import type { Clock } from '../../clock';

const progressLine = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
});

interface Layer {
  current: number;
  total: number;
  isDone: boolean;
}

/** Reads the daemon's stream of JSON lines and reports how much of the image is there, at most every 2 s. */
export function createPullProgress({ clock }: { clock: Clock }, onProgress: (detail: string) => void) {
  const layers = new Map<string, Layer>();
  let rest = '';
  let failure: string | null = null;
  let reported = '';
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  let heardAtMs = clock.monotonicMs();

  function report(): void {
    const detail = describe(layers);
    if (detail === reported || clock.monotonicMs() - reportedAtMs < 2_000) return;
    reported = detail;
    reportedAtMs = clock.monotonicMs();
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
        const known = layers.get(id) ?? { current: 0, total: 0, isDone: false };
        if (status === 'Downloading' && progressDetail?.total) {
          const { current = 0, total } = progressDetail;
          layers.set(id, { ...known, current, total });
        } else if (/^(Download complete|Pull complete|Already exists)$/.test(status)) {
          layers.set(id, { ...known, current: known.total, isDone: status !== 'Download complete' });
        } else if (status === 'Pulling fs layer') layers.set(id, known);
      }
      report();
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

/** Such as `40 % of 12 MB, 2 of 5 layers`. Sizes come layer by layer, so that the whole grows at first. */
function describe(layers: ReadonlyMap<string, Layer>): string {
  const all = [...layers.values()];
  const total = all.reduce((sum, layer) => sum + layer.total, 0);
  if (all.length === 0) return 'asking the registry';
  const current = all.reduce((sum, layer) => sum + layer.current, 0);
  const share = total === 0 ? '' : `${Math.floor((100 * current) / total)} % of ${formatMegabytes(total)}, `;
  const done = all.filter(({ isDone }) => isDone).length;
  return `${share}${done} of ${all.length} layers`;
}

/** Tells whether a detail only says how much of the image is there. */
export function isPullShare(detail: string): boolean {
  return / of \d+ layers$/.test(detail);
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
