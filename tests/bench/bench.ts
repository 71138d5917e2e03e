import type Docker from 'dockerode';
import type { BenchServer, BenchServerOptions } from './bench-server';
import type { RowResult } from './measure';

/** What every row is given. */
export interface Bench {
  docker: Docker;
  /** For files; removed at the end. */
  folder: string;
  /** Fewer repeats and shorter windows. */
  isQuick: boolean;
  /** For the row `verdicts`. */
  verdicts: VerdictOptions;
  /** The suite's id in this run: its own, so that what it leaves can be told from others'. */
  suiteId(name: string): string;
  /** A built Gantry with a database of its own, which the row stops. */
  startServer(options?: BenchServerOptions): Promise<BenchServer>;
  /** A line of progress. */
  say(text: string): void;
}

export interface VerdictOptions {
  /** How often each end is brought about. */
  repeats: number;
  backend: VerdictBackend;
}

/** As launches name them. */
export const verdictBackends = ['local', 'process', 'kubernetes', 'remote-agent'] as const;
export type VerdictBackend = (typeof verdictBackends)[number];

export interface Row {
  /** As `--only` names it. */
  name: string;
  /** Ten minutes unless set. */
  limitMs?: number;
  /** Runs only when `--only` names it. */
  isExtra?: boolean;
  measure(bench: Bench): Promise<RowResult>;
}
