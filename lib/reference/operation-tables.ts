import type { Operation } from '../http/operations/operation';
import { apiTags } from '../http/operations/tags';
import { formatTable } from '../suites/publish/format-table';

/** The tables of docs/api.md: every operation, below a heading for each area of the API. */
export function operationTables(): string {
  return apiTags
    .map(({ name, description, operations }) => {
      const rows = Object.values(operations)
        .toSorted((a, b) => keyOf(a).localeCompare(keyOf(b), 'en'))
        .map((operation) => [
          `\`${operation.method} ${operation.path}\``,
          operation.summary,
          queryOf(operation)
            .map((key) => `\`${key}\``)
            .join(' '),
        ]);
      return `## ${name}\n\n${description}\n\n${formatTable(['route', 'what', 'query'], rows)}`;
    })
    .join('\n\n');
}

/** Sorts the operations of a path together, from the shortest path on. */
function keyOf({ method, path }: Operation): string {
  return `${path} ${['GET', 'POST', 'PUT', 'DELETE'].indexOf(method)}`;
}

function queryOf({ query }: Operation): string[] {
  if (!query || !('shape' in query) || typeof query.shape !== 'object') return [];
  return Object.keys(query.shape ?? {});
}
