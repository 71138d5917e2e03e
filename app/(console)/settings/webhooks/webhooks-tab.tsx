'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { Webhook } from '@/lib/model/webhook';
import { DeliveryTable } from './delivery-table';
import { MakeWebhook } from './make-webhook';

/** Makes, lists, switches and removes webhooks, and shows the messages of one. */
export function WebhooksTab() {
  const [openId, setOpenId] = useState<string | null>(null);
  const [removed, setRemoved] = useState<Webhook | null>(null);
  const query = useQuery({
    queryKey: ['webhooks'],
    queryFn: () => apiFetch<{ items: Webhook[] }>('/api/v1/webhooks'),
    refetchInterval: 15_000,
  });
  const toggle = useMutation({
    mutationFn: ({ id, createdAt: _, changedAt: _at, changedBy: _by, ...request }: Webhook) =>
      apiFetch(`/api/v1/webhooks/${encodeURIComponent(id)}`, {
        method: 'PUT',
        body: { ...request, enabled: !request.enabled },
      }),
    onSuccess: () => void query.refetch(),
  });
  const remove = useMutation({
    mutationFn: ({ id }: Webhook) =>
      apiFetch(`/api/v1/webhooks/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => {
      setRemoved(null);
      void query.refetch();
    },
  });
  const webhooks = query.data?.items ?? [];
  const open = webhooks.find(({ id }) => id === openId);

  return (
    <>
      <MakeWebhook onMade={() => void query.refetch()} />
      {query.isError ? (
        <ErrorNotice title="The webhooks could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {toggle.isError ? (
        <ErrorNotice title="The webhook was not changed.">{toggle.error.message}</ErrorNotice>
      ) : null}
      <div className="panel overflow-x-auto">
        {query.isPending ? <Skeleton rows={3} /> : null}
        {query.data && webhooks.length === 0 ? <Empty title="There is no webhook yet" /> : null}
        {webhooks.length > 0 ? (
          <table className="w-full">
            <caption className="sr-only">Webhooks</caption>
            <thead>
              <tr className="border-line border-b text-left">
                <th className="label py-1.5 pr-2 pl-3">Name</th>
                <th className="label px-2 py-1.5">URL</th>
                <th className="label hidden px-2 py-1.5 sm:table-cell">Events</th>
                <th className="label px-3 py-1.5">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {webhooks.map((webhook) => (
                <tr
                  key={webhook.id}
                  data-webhook={webhook.name}
                  className="border-line border-b last:border-b-0 hover:bg-sunken"
                >
                  <td className="max-w-60 break-words py-1.5 pr-2 pl-3 font-[550]">{webhook.name}</td>
                  <td className="max-w-80 break-all px-2 py-1.5 text-ink-2">{webhook.url}</td>
                  <td className="hidden px-2 py-1.5 text-ink-2 sm:table-cell">
                    {webhook.events
                      .map((event) => event.replace('execution.', '').replace('_', ' '))
                      .join(', ')}
                    {webhook.suiteId === null ? '' : ` of ${webhook.suiteId}`}
                  </td>
                  <td className="w-px whitespace-nowrap px-3 py-1 text-right">
                    <Button
                      variant="quiet"
                      className="h-7"
                      aria-expanded={webhook.id === openId}
                      onClick={() => setOpenId(webhook.id === openId ? null : webhook.id)}
                    >
                      Messages<span className="sr-only"> of {webhook.name}</span>
                    </Button>
                    <Button variant="quiet" className="h-7" onClick={() => toggle.mutate(webhook)}>
                      {webhook.enabled ? 'Turn off' : 'Turn on'}
                      <span className="sr-only"> {webhook.name}</span>
                    </Button>
                    <Button variant="danger" className="h-7" onClick={() => setRemoved(webhook)}>
                      Remove…<span className="sr-only"> {webhook.name}</span>
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
      </div>
      {open ? <DeliveryTable webhook={open} /> : null}
      {removed ? (
        <ConfirmDialog
          title={`Remove the webhook ${removed.name}?`}
          means="Messages that wait are not sent any more, and the log of its messages goes."
          action="Remove"
          cancelLabel="Keep it"
          isDisabled={remove.isPending}
          refusal={remove.error && { title: 'It was not removed.', message: remove.error.message }}
          onConfirm={() => remove.mutate(removed)}
          onClose={() => {
            remove.reset();
            setRemoved(null);
          }}
        />
      ) : null}
    </>
  );
}
