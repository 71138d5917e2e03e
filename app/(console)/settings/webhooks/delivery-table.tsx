'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Link } from '@/app/_components/hover-link';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import type { Webhook, WebhookDelivery } from '@/lib/model/webhook';

const statusLabels = { waiting: 'waiting', delivered: 'delivered', given_up: 'given up' } as const;

/** The newest messages of a webhook, with what became of each. */
export function DeliveryTable({ webhook }: { webhook: Webhook }) {
  const query = useQuery({
    queryKey: ['webhook-deliveries', webhook.id],
    queryFn: () =>
      apiFetch<{ items: WebhookDelivery[] }>(`/api/v1/webhooks/${encodeURIComponent(webhook.id)}/deliveries`),
    refetchInterval: 3_000,
  });
  const again = useMutation({
    mutationFn: (id: string) =>
      apiFetch(`/api/v1/webhook-deliveries/${encodeURIComponent(id)}/retry`, { method: 'POST' }),
    onSuccess: () => void query.refetch(),
  });
  const deliveries = query.data?.items ?? [];
  const error = query.error ?? again.error;

  return (
    <section className="panel overflow-x-auto" aria-label={`Messages of ${webhook.name}`}>
      {error ? <ErrorNotice title="That did not work.">{error.message}</ErrorNotice> : null}
      {query.isPending ? <Skeleton rows={3} /> : null}
      {query.data && deliveries.length === 0 ? (
        <Empty title={`Nothing was sent to ${webhook.name} yet`} />
      ) : null}
      {deliveries.length > 0 ? (
        <table className="w-full">
          <caption className="sr-only">Messages of {webhook.name}</caption>
          <thead>
            <tr className="border-line border-b text-left">
              <th className="label py-1.5 pr-2 pl-3">Event</th>
              <th className="label px-2 py-1.5">Execution</th>
              <th className="label px-2 py-1.5">Status</th>
              <th className="label px-3 py-1.5">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <tr key={delivery.id} className="border-line border-b last:border-b-0 hover:bg-sunken">
                <td className="whitespace-nowrap py-1.5 pr-2 pl-3">
                  {delivery.event.replace('execution.', '').replace('_', ' ')}
                </td>
                <td className="px-2 py-1.5">
                  <Link
                    className="mono text-accent hover:underline"
                    href={`/executions/${delivery.executionId}`}
                  >
                    {delivery.executionId}
                  </Link>
                </td>
                <td className="px-2 py-1.5 text-ink-2">
                  <span className={delivery.status === 'given_up' ? 'text-failed' : ''}>
                    {statusLabels[delivery.status]}
                  </span>
                  , {delivery.attempts === 1 ? '1 attempt' : `${delivery.attempts} attempts`}
                  {delivery.lastAttempt ? (
                    <>
                      , the last <When at={delivery.lastAttempt.at} />
                      {delivery.lastAttempt.error === null ? null : (
                        <span className="block text-xs">{delivery.lastAttempt.error}</span>
                      )}
                    </>
                  ) : null}
                </td>
                <td className="w-px whitespace-nowrap px-3 py-1 text-right">
                  <Button
                    variant="quiet"
                    className="h-7"
                    disabled={again.isPending}
                    onClick={() => again.mutate(delivery.id)}
                  >
                    Send again
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}
