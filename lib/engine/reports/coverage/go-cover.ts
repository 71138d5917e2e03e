import { createLineReader } from '../input/line-reader';
import type { ReportReader } from '../report-reader';
import { createCoverageBuilder, wholeOf } from './coverage-builder';

/** Reads a profile of `go test -coverprofile`. Go counts statements: they stand where other tools count lines. */
export function createGoCoverReader(): ReportReader {
  const builder = createCoverageBuilder('go-cover');
  let hasMode = false;

  return createLineReader({
    onLine(line) {
      if (/^mode: \w+$/.test(line)) hasMode = true;
      // path:startLine.startColumn,endLine.endColumn statements count
      const [, path, block, statements, count] = /^(.+):(\d+\.\d+,\d+\.\d+) (\d+) (\d+)$/.exec(line) ?? [];
      if (path && block) builder.file(path).line(block, wholeOf(count) > 0, wholeOf(statements));
    },
    end() {
      if (!hasMode) throw new Error('expected a first line such as "mode: set"');
      return builder.finish();
    },
  });
}
