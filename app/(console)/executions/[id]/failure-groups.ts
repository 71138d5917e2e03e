import type { CaseSummary } from '@/lib/model/report';

export interface FailureGroup {
  /** The first line of the message that they share, as the first of them says it. */
  message: string | null;
  failures: CaseSummary[];
}

/**
 * Failing cases by what they say, the largest group first. Numbers, addresses and quoted values are no difference: they
 * change from case to case where the fault is one.
 */
export function groupFailures(failures: readonly CaseSummary[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const failure of failures) {
    const message = failure.message?.trim().split('\n', 1)[0] ?? null;
    // Cases that say nothing are not alike.
    const key =
      message === null ? `case ${failure.suite ?? ''} ${failure.name}` : `message ${pattern(message)}`;
    const group = groups.get(key);
    if (group) group.failures.push(failure);
    else groups.set(key, { message, failures: [failure] });
  }
  return [...groups.values()].sort((a, b) => b.failures.length - a.failures.length);
}

function pattern(message: string): string {
  return message
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '“”')
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b/gi, '#')
    .replace(/\d+/g, '#');
}
