export interface GraphStep {
  id: string;
  after: string[];
  onFailure: string[];
}

export interface Line {
  from: string;
  to: string;
  isOnFailure: boolean;
  /** Another way leads from the one to the other: drawing it would only add to the tangle. */
  isImplied: boolean;
}

/** Beyond this many steps every line is drawn: to find the implied ones costs the square. */
const maxReduced = 400;

/** The edges between steps and their dependencies. */
export function linesOf(steps: readonly GraphStep[]): Line[] {
  const before = new Map(steps.map((step) => [step.id, [...step.after, ...step.onFailure]]));
  const ancestors = steps.length > maxReduced ? null : ancestorsOf(before);
  return steps.flatMap((step) => {
    const direct = [...new Set([...step.after, ...step.onFailure])];
    return direct.map((from) => ({
      from,
      to: step.id,
      isOnFailure: !step.after.includes(from),
      isImplied: ancestors !== null && direct.some((other) => ancestors.get(other)?.has(from)),
    }));
  });
}

function ancestorsOf(before: ReadonlyMap<string, string[]>): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const start of before.keys()) {
    const found = new Set<string>();
    const open = [...(before.get(start) ?? [])];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(...(before.get(id) ?? []));
    }
    known.set(start, found);
  }
  return known;
}
