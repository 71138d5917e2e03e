import { compileLogRule, describeLogRule } from '../backends/log-rule';
import type { OutputLine } from '../model/log-line';
import type { PlannedNode } from '../model/node';

/** Watches an attempt's output for `expect_logs` and `fail_on_logs`. */
export interface LogChecks {
  see(lines: readonly Pick<OutputLine, 'stream' | 'text'>[]): void;
  forbiddenLine(): string | null;
  missing(): string[];
}

export function createLogChecks(node: PlannedNode): LogChecks {
  const forbidden = node.failOnLogs.map(compileLogRule);
  let expected = node.expectLogs.map((rule) => ({ rule, matches: compileLogRule(rule) }));
  let found: string | null = null;
  return {
    see(lines) {
      if (expected.length === 0 && (forbidden.length === 0 || found !== null)) return;
      for (const line of lines) {
        if (found === null && forbidden.some((matches) => matches(line))) found = line.text;
        if (expected.some((each) => each.matches(line)))
          expected = expected.filter((each) => !each.matches(line));
      }
    },
    forbiddenLine: () => found,
    missing: () => expected.map((each) => describeLogRule(each.rule)),
  };
}
