/** The lists of test cases that a page offers, each by the order and state that the API gives it. */
export const caseViews = [
  { id: 'failing', label: 'Failing', query: { sort: 'newest_failure' }, empty: 'No test case fails' },
  { id: 'flaky', label: 'Flaky', query: { sort: 'flaky' }, empty: 'No test case is flaky' },
  { id: 'slower', label: 'Slower', query: { sort: 'slower' }, empty: 'No test case became slower' },
  { id: 'slow', label: 'Slowest', query: { sort: 'slow' }, empty: 'No test case has a time yet' },
  { id: 'muted', label: 'Muted', query: { state: 'muted' }, empty: 'No test case is muted' },
  { id: 'all', label: 'All', query: { sort: 'name' }, empty: 'No test case was reported yet' },
] as const;
export type CaseView = (typeof caseViews)[number]['id'];

/** The view of this name, else the first. */
export function caseViewOf(name: string | null) {
  return caseViews.find(({ id }) => id === name) ?? caseViews[0];
}
