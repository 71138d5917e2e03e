import type { CaseIdentity, CaseStatus, TestCase, TestSummary } from './report';

/** Equal for two cases exactly when file, path, class, name and parameters agree. */
export function caseKey({ file, path, className, name, parameters }: CaseIdentity): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([file, path, className, name, sorted]);
}

/** The place of a case, for people: its parameters, the suites around it and its class. */
export function caseSuite({ file, path, className, parameters }: CaseIdentity): string {
  const values = Object.values(parameters).join(', ');
  const suites = [...path, className].filter((part) => part !== null && part !== '');
  const place = (suites.length > 0 ? suites : [file ?? '']).join(' › ');
  return [values, place].filter(Boolean).join(': ');
}

/** The whole name of a case, for people: "chromium: cart.spec.ts › pays › by card". */
export function caseTitle(identity: CaseIdentity): string {
  const suite = caseSuite(identity);
  return suite ? `${suite} › ${identity.name}` : identity.name;
}

export function hasFailed({ status }: { status: CaseStatus }): boolean {
  return status === 'failed' || status === 'errored';
}

/** The failed cases of a report that fail its step: muted ones do not. */
export function countFailures({ failed, errored, muted }: TestSummary): number {
  return failed + errored - countMuted({ muted });
}

export function countMuted({ muted }: Pick<TestSummary, 'muted'>): number {
  return (muted?.failed ?? 0) + (muted?.errored ?? 0);
}

/** Tells whether a case passed after a try that had failed. */
export function isFlaky({ status, attempts }: Pick<TestCase, 'status' | 'attempts'>): boolean {
  return status === 'passed' && attempts.some(hasFailed);
}
