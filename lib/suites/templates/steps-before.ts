/** Finds the steps that have ended when a step starts: in its `after`, directly or through others. */
export function createStepsBefore(
  steps: readonly { id: string; after: readonly string[] }[],
): (id: string) => ReadonlySet<string> {
  const after = new Map(steps.map((step) => [step.id, step.after]));
  const known = new Map<string, ReadonlySet<string>>();
  return (id) => {
    const found = known.get(id) ?? search(id, after);
    known.set(id, found);
    return found;
  };
}

function search(id: string, after: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [...(after.get(id) ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    queue.push(...(after.get(next) ?? []));
  }
  return found;
}
