'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Link } from '@/app/_components/hover-link';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import type { Trigger, TriggerDelivery } from '@/lib/model/trigger';

/** The newest messages that came to a trigger, with what became of each. */
export function MessageTable({ trigger }: { trigger: Trigger }) {
  const query = useQuery({
    queryKey: ['trigger-deliveries', trigger.id],
    queryFn: () =>
      apiFetch<{ items: TriggerDelivery[] }>(`/api/v1/triggers/${encodeURIComponent(trigger.id)}/deliveries`),
    refetchInterval: 3_000,
  });
  const messages = query.data?.items ?? [];

  return (
    <section className="panel overflow-x-auto" aria-label={`Messages to ${trigger.name}`}>
      {query.error ? (
        <ErrorNotice title="The messages could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {query.isPending ? <Skeleton rows={3} /> : null}
      {query.data && messages.length === 0 ? (
        <Empty title={`No signed message came to ${trigger.name} yet`} />
      ) : null}
      {messages.length > 0 ? (
        <table className="w-full">
          <caption className="sr-only">Messages to {trigger.name}</caption>
          <thead>
            <tr className="border-line border-b text-left">
              <th className="label py-1.5 pr-2 pl-3">Event</th>
              <th className="label px-2 py-1.5">Received</th>
              <th className="label px-2 py-1.5">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {messages.map((message) => (
              <tr key={message.key} className="border-line border-b last:border-b-0 hover:bg-sunken">
                <td className="whitespace-nowrap py-1.5 pr-2 pl-3">{message.event ?? 'not named'}</td>
                <td className="whitespace-nowrap px-2 py-1.5 text-ink-2">
                  <When at={message.receivedAt} />
                </td>
                <td className="px-2 py-1.5 text-ink-2">
                  {message.executionId === null ? (
                    <span className={message.status === 'refused' ? 'text-failed' : ''}>
                      {message.status}
                    </span>
                  ) : (
                    <Link
                      className="mono text-accent hover:underline"
                      href={`/executions/${message.executionId}`}
                    >
                      {message.executionId}
                    </Link>
                  )}
                  {message.reason === null ? null : <span className="block text-xs">{message.reason}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}
