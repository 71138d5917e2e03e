/** Every group of files that import each other, as one path that comes back to where it starts. */
export function findCycles(edges: Map<string, string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();

  const visit = (file: string): void => {
    if (onPath.has(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    onPath.add(file);
    for (const next of edges.get(file) ?? []) visit(next);
    path.pop();
    onPath.delete(file);
    done.add(file);
  };

  for (const file of edges.keys()) visit(file);
  return cycles;
}
