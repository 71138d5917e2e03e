import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import { startWorkThread } from '../../threads/work-thread';
import { type FragmentInput, junitFragment } from './junit-fragment';
import type { ParsedReport, ReportInput } from './parse-report';
import type { ReportRequests } from './report-worker';

/** Parses reports in a thread of its own: a large one takes seconds, and a hostile one minutes. */
export interface ReportParser {
  /** Never rejects: what takes too long is a problem of the report. */
  parse(input: ReportInput): Promise<ParsedReport>;
  /** Never rejects: of a file that takes too long there is what its summary says. */
  junitFragment(input: FragmentInput): Promise<string>;
  close(): Promise<void>;
}

const limitMs = 30_000;

export function createReportParser(deps: { clock: Clock }): ReportParser {
  const thread = startWorkThread<ReportRequests>(
    deps,
    { module: 'lib/engine/reports/report-worker.ts', doing: 'parsing' },
    { limitMs },
  );
  return {
    parse: (input) => thread.ask('parse', input).catch((error: unknown) => ({ problem: messageOf(error) })),
    junitFragment: (input) =>
      thread.ask('junitFragment', input).catch(() => junitFragment({ ...input, content: null })),
    close: () => thread.close(),
  };
}
