/** Changes parts of the address's query in place; null and '' take a part out. */
export function replaceQuery(change: Record<string, string | number | null | undefined>): void {
  const next = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(change)) {
    if (value === null || value === undefined || value === '') next.delete(key);
    else next.set(key, String(value));
  }
  const query = next.toString();
  history.replaceState(null, '', query ? `?${query}` : location.pathname);
}

/** A part of the query as it is at this moment: what `useSearchParams` says comes a little later. */
export function queryNow(name: string): string | null {
  return new URLSearchParams(location.search).get(name);
}
