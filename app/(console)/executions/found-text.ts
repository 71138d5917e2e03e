/** What one page looks through at the most, as the API documents it. */
const lookedThrough = 20_000;

/** How many a filter has found, and that it has not seen all yet where it has not. */
export function foundText(found: number, hasMore: boolean, isLookedThrough: boolean): string {
  const executions = found === 1 ? '1 execution' : `${found.toLocaleString('en')} executions`;
  if (!hasMore) return `${executions} found`;
  if (!isLookedThrough) return `${executions} shown, there are older ones`;
  return `${executions} found so far: not all were looked through. “Show older ones” looks further back.`;
}

/** What stands there when nothing was found on so many pages, and there is a next one. */
export function notFoundYetText(pages: number): string {
  const looked = (pages * lookedThrough).toLocaleString('en');
  return `None of the newest ${looked} is. “Show older ones” looks further back.`;
}
