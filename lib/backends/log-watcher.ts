import type { OutputLine, UnfinishedLine } from '../model/log-line';
import type { ReadyRule } from '../model/node';
import { compileLogRule } from './log-rule';

/** Looks for the lines that the log probes of a step wait for. */
export interface LogWatcher {
  /** Every line of the step, also those that an earlier call has delivered. */
  feed(lines: readonly OutputLine[]): void;
  /** A line that has no end yet: it counts for the moment. */
  feedUnfinished(line: UnfinishedLine): void;
  /** The line by which the probe holds; null when too few have matched. */
  found(probe: LogProbe): string | null;
  /** Resolves at the next match of any probe. Never rejects. */
  nextMatch(): Promise<void>;
}

export type LogProbe = Extract<ReadyRule['probes'][number], { type: 'log' }>;

/** Null when no probe of the rule looks at the log. */
export function createLogWatcher(rule: ReadyRule | null): LogWatcher | null {
  const probes = (rule?.probes ?? []).flatMap((probe) => (probe.type === 'log' ? [probe] : []));
  if (probes.length === 0) return null;
  const searches = new Map(probes.map((probe) => [probe, createSearch(probe)]));
  let wake = () => {};
  let match = newMatch();

  function newMatch(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }

  function matched(): void {
    wake();
    match = newMatch();
  }

  return {
    feed(lines) {
      let isNew = false;
      for (const search of searches.values()) isNew = search.feed(lines) || isNew;
      if (isNew) matched();
    },
    feedUnfinished(line) {
      let isNew = false;
      for (const search of searches.values()) isNew = search.feedUnfinished(line) || isNew;
      if (isNew) matched();
    },
    found: (probe) => searches.get(probe)?.found() ?? null,
    nextMatch: () => match,
  };
}

function createSearch({ rule, count }: LogProbe) {
  const matches = compileLogRule(rule);
  let seen = 0;
  let found: string | null = null;

  return {
    found: () => found,
    /** True when the probe holds from now on. */
    feed(lines: readonly OutputLine[]): boolean {
      if (found !== null) return false;
      for (const line of lines) {
        if (!matches(line)) continue;
        seen += 1;
        if (seen < count) continue;
        found = line.text;
        return true;
      }
      return false;
    },
    feedUnfinished(line: UnfinishedLine): boolean {
      if (found !== null || seen + 1 < count || !matches(line)) return false;
      found = line.text;
      return true;
    },
  };
}
