'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice, Skeleton } from '@/app/_components/notice';
import { ScrollArea } from '@/app/_components/scroll-area';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';

interface Page {
  items: ExecutionEvent[];
  nextAfter: number | null;
}

/** The history as it is kept: every change of state, in order. */
export function Events({ execution, step }: { execution: Execution; step: string | null }) {
  const list = useInfiniteQuery({
    queryKey: ['events', execution.id, execution.lastEventSeq],
    queryFn: ({ pageParam }) =>
      apiFetch<Page>(`/api/v1/executions/${execution.id}/events?after=${pageParam}&limit=500`),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextAfter,
    placeholderData: (before) => before,
  });
  if (list.error)
    return <ErrorNotice title="The events could not be read.">{list.error.message}</ErrorNotice>;
  if (!list.data) return <Skeleton rows={8} />;
  const all = list.data.pages.flatMap((page) => page.items);
  const items = step ? all.filter((event) => !('stepId' in event) || event.stepId === step) : all;
  return (
    <ScrollArea label="Events">
      <ol className="font-mono text-code">
        {items.map((event) => (
          <li key={event.seq} className="grid grid-cols-[3rem_7rem_1fr] gap-2 border-line border-b px-3 py-1">
            <span className="text-right text-ink-2">{event.seq}</span>
            <time dateTime={event.at} className="text-ink-2" suppressHydrationWarning>
              {new Date(event.at).toLocaleTimeString(undefined, { hour12: false, fractionalSecondDigits: 3 })}
            </time>
            <span className="min-w-0 break-words">
              {event.type} <span className="text-ink-2">{detailOf(event)}</span>
            </span>
          </li>
        ))}
      </ol>
      {list.hasNextPage ? (
        <Button className="m-3" onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
          Show more
        </Button>
      ) : null}
    </ScrollArea>
  );
}

function detailOf(event: ExecutionEvent): string {
  const { seq: _seq, at: _at, type: _type, ...rest } = event;
  if (event.type === 'execution.created')
    return `${event.suite.id}, ${event.steps.length} steps, by ${event.author}`;
  return Object.entries(rest)
    .map(([key, value]) => (key === 'stepId' ? String(value) : `${key}=${JSON.stringify(value)}`))
    .join(' ')
    .slice(0, 400);
}
