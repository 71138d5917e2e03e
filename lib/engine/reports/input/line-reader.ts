import type { Report } from '../../../model/report';
import type { ReportReader } from '../report-reader';

/** A line without an end is cut: nothing that Gantry reads has such lines. */
const maxLine = 4 * 1024 * 1024;

/** A reader of a format that is made of lines. The last line may lack its end. */
export function createLineReader(parts: { onLine(line: string): void; end(): Report }): ReportReader {
  let rest = '';
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(0, maxLine);
      for (const line of lines) parts.onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    },
    end() {
      if (rest !== '') parts.onLine(rest);
      return parts.end();
    },
  };
}
