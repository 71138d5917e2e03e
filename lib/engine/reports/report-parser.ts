import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import { startWorkerClient } from '../../threads/worker-client';
import type { ParsedReport, WantedFormat } from './parse-report';
import type { ReportRequests } from './report-worker';

/** Parses reports in a thread of its own: a large one takes seconds, and a hostile one minutes. */
export interface ReportParser {
  /**
   * Reads the content as it is parsed, so that a report of any size takes little memory. What takes too long is a
   * problem of the report; rejects only as `content` does.
   */
  parse(format: WantedFormat, content: AsyncIterable<Uint8Array>): Promise<ParsedReport>;
  close(): Promise<void>;
}

/** For each piece. */
const limitMs = 30_000;
const maxPiece = 1024 * 1024;

export function createReportParser(deps: { clock: Clock }): ReportParser {
  const thread = startWorkerClient<ReportRequests>(
    deps,
    { module: 'lib/engine/reports/report-worker.ts', doing: 'parsing' },
    { limitMs },
  );
  let lastId = 0;

  return {
    async parse(format, content) {
      const id = ++lastId;
      try {
        await thread.call('begin', { id, format });
      } catch (error) {
        return { problem: messageOf(error) };
      }
      for await (const chunk of content) {
        for (const piece of piecesOf(chunk)) {
          try {
            await thread.call('write', { id, piece });
          } catch (error) {
            return { problem: messageOf(error) };
          }
        }
      }
      return thread.call('end', { id }).catch((error: unknown) => ({ problem: messageOf(error) }));
    },
    close: () => thread.close(),
  };
}

function* piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += maxPiece) {
    // A copy: posting a view would post all of the memory that it is a part of.
    yield new Uint8Array(chunk.subarray(at, at + maxPiece));
  }
}
