import type { ApiClient } from '../../client/api-client';
import type { LogLine, UnfinishedStepLine } from '../../model/log-line';

const pageLimit = 5_000;

export interface LineFilter {
  step?: string | undefined;
  attempt?: number | undefined;
  stream?: LogLine['stream'] | undefined;
  q?: string | undefined;
  pattern?: string | undefined;
}

/** The lines that there are, a page at a time. */
export async function* readLines(
  api: ApiClient,
  id: string,
  filter: LineFilter,
  after = 0,
): AsyncIterable<LogLine[]> {
  for (let next: number | null = after; next !== null; ) {
    const page: { items: LogLine[]; nextAfter: number | null } = await api.get(
      '/api/v1/executions/{id}/logs',
      { params: { id }, query: { ...filter, limit: pageLimit, after: next }, retryForMs: 60_000 },
    );
    if (page.items.length > 0) yield page.items;
    next = page.nextAfter;
  }
}

/** At most `limit` of a step's lines. Other steps may have printed much after it: it goes back until there are enough. */
export async function readLastLines(
  api: ApiClient,
  id: string,
  step: string,
  limit: number,
): Promise<LogLine[]> {
  const { lastSeq } = await api.get('/api/v1/executions/{id}/logs', {
    params: { id },
    query: { limit: 1 },
    retryForMs: 60_000,
  });
  for (let span = pageLimit; ; span *= 8) {
    const lines: LogLine[] = [];
    for await (const page of readLines(api, id, { step }, Math.max(0, lastSeq - span))) {
      lines.push(...page);
      lines.splice(0, lines.length - limit);
    }
    if (lines.length === limit || span >= lastSeq) return lines;
  }
}

/** The lines in an item of the stream; what has no line end yet is left out. */
export function wholeLines(data: LogLine | readonly (LogLine | UnfinishedStepLine)[]): LogLine[] {
  const items = 'seq' in data ? [data] : data;
  return items.filter((item): item is LogLine => 'seq' in item);
}
