/** A path under `source` is served as the same path under `destination`. */
interface PathAlias {
  source: string;
  destination: string;
}

/** Parts of the API that are also at shorter paths: for workers, and for what checks the server's health. */
export const pathAliases: readonly PathAlias[] = [
  { source: '/agent-control', destination: '/api/v1/agent-control' },
  { source: '/healthz', destination: '/api/v1/system/healthz' },
  { source: '/readyz', destination: '/api/v1/system/readyz' },
];

/** The path in the API's document of a path that may be an alias. */
export function realPath(path: string): string {
  if (path.startsWith('/api/')) return path;
  const alias = pathAliases.find(({ source }) => path === source || path.startsWith(`${source}/`));
  return alias ? alias.destination + path.slice(alias.source.length) : path;
}
