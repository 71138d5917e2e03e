import type { CaseSummary } from '../../model/report';

/** Where a case failed: a file as the CI server knows it, and its line from 1. */
export interface FailurePlace {
  file: string;
  line: number;
}

/** As stacks and messages of test tools name a place; each has the file first and the line second. */
const patterns = [
  // Python: File "tests/test_a.py", line 12
  /File "(?<file>[^"\n]+)", line (?<line>\d+)/g,
  // Most others: at run (/suite/a.test.js:12:5), a_test.go:12: message, Foo.java:12
  /(?<![\w./:@+-])(?<file>(?:file:\/\/)?[\w./@+-]*[\w-]\.[A-Za-z]\w{0,9}):(?<line>\d+)/g,
];
/** Code that is not the tests' own. */
const foreign = /node_modules|site-packages|^node:|\/usr\/(?:local\/)?lib\/|\/go\/(?:src|pkg)\//;

/**
 * Finds the first place in the message and output of a failed case that is in the tests' own code; null when they name
 * none. `sourceFolder` is where the suite is in the repository: a step sees it as `/suite`.
 */
export function findFailurePlace(
  failure: Pick<CaseSummary, 'message' | 'output'>,
  sourceFolder: string,
): FailurePlace | null {
  const text = `${failure.message ?? ''}\n${failure.output ?? ''}`;
  for (const pattern of patterns) {
    for (const { groups } of text.matchAll(pattern)) {
      const file = groups?.file?.replace(/^file:\/\//, '') ?? '';
      const line = Number(groups?.line);
      if (line > 0 && !foreign.test(file)) return { file: inRepository(file, sourceFolder), line };
    }
  }
  return null;
}

function inRepository(file: string, sourceFolder: string): string {
  const relative = file.replace(/^\/suite\//, '').replace(/^\.\//, '');
  if (relative.startsWith('/') || sourceFolder === '' || sourceFolder === '.') return relative;
  return `${sourceFolder.replace(/\/+$/, '')}/${relative}`;
}
