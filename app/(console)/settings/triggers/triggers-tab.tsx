'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { Trigger } from '@/lib/model/trigger';
import { MakeTrigger, providerLabels } from './make-trigger';
import { MessageTable } from './message-table';

/** Makes, lists, switches and removes triggers, and shows the messages that came to one. */
export function TriggersTab() {
  const [openId, setOpenId] = useState<string | null>(null);
  const [removed, setRemoved] = useState<Trigger | null>(null);
  const query = useQuery({
    queryKey: ['triggers'],
    queryFn: () => apiFetch<{ items: Trigger[] }>('/api/v1/triggers'),
    refetchInterval: 15_000,
  });
  const toggle = useMutation({
    mutationFn: ({ id, createdAt: _, changedAt: _at, changedBy: _by, ...request }: Trigger) =>
      apiFetch(`/api/v1/triggers/${encodeURIComponent(id)}`, {
        method: 'PUT',
        body: { ...request, enabled: !request.enabled },
      }),
    onSuccess: () => void query.refetch(),
  });
  const remove = useMutation({
    mutationFn: ({ id }: Trigger) =>
      apiFetch(`/api/v1/triggers/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => {
      setRemoved(null);
      void query.refetch();
    },
  });
  const triggers = query.data?.items ?? [];
  const open = triggers.find(({ id }) => id === openId);

  return (
    <>
      <MakeTrigger
        onMade={({ id }) => {
          setOpenId(id);
          void query.refetch();
        }}
      />
      {query.isError ? (
        <ErrorNotice title="The triggers could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {toggle.isError ? (
        <ErrorNotice title="The trigger was not changed.">{toggle.error.message}</ErrorNotice>
      ) : null}
      <div className="panel overflow-x-auto">
        {query.isPending ? <Skeleton rows={3} /> : null}
        {query.data && triggers.length === 0 ? <Empty title="There is no trigger yet" /> : null}
        {triggers.length > 0 ? (
          <table className="w-full">
            <caption className="sr-only">Triggers</caption>
            <thead>
              <tr className="border-line border-b text-left">
                <th className="label py-1.5 pr-2 pl-3">Name</th>
                <th className="label px-2 py-1.5">Launches</th>
                <th className="label px-3 py-1.5">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {triggers.map((trigger) => (
                <TriggerRow
                  key={trigger.id}
                  trigger={trigger}
                  isOpen={trigger.id === openId}
                  onOpen={() => setOpenId(trigger.id === openId ? null : trigger.id)}
                  onToggle={() => toggle.mutate(trigger)}
                  onRemove={() => setRemoved(trigger)}
                />
              ))}
            </tbody>
          </table>
        ) : null}
      </div>
      {open ? <MessageTable trigger={open} /> : null}
      {removed ? (
        <ConfirmDialog
          title={`Remove the trigger ${removed.name}?`}
          means="Its address stops working, and the log of its messages goes."
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

function TriggerRow({
  trigger,
  isOpen,
  onOpen,
  onToggle,
  onRemove,
}: {
  trigger: Trigger;
  isOpen: boolean;
  onOpen: () => void;
  onToggle: () => void;
  onRemove: () => void;
}) {
  const { id, name, provider, suiteId, profile, events, when, enabled } = trigger;
  const conditions = Object.entries(when).map(([field, pattern]) => `${field} is ${pattern}`);
  return (
    <tr data-trigger={name} className="border-line border-b last:border-b-0 hover:bg-sunken">
      <td className="max-w-80 break-words py-1.5 pr-2 pl-3">
        <span className="font-[550]">{name}</span>
        <span className="text-ink-2">, {providerLabels[provider]}</span>
        <code className="block break-all text-ink-2 text-xs">{`${location.origin}/api/v1/hooks/${id}`}</code>
      </td>
      <td className="max-w-80 break-words px-2 py-1.5 text-ink-2">
        {suiteId}
        {profile === null ? '' : `, profile ${profile}`}
        <span className="block text-xs">
          {[events.length === 0 ? 'on every event' : `on ${events.join(', ')}`, ...conditions].join(', ')}
        </span>
      </td>
      <td className="w-px px-3 py-1 text-right sm:whitespace-nowrap">
        <Button variant="quiet" className="h-7" aria-expanded={isOpen} onClick={onOpen}>
          Messages<span className="sr-only"> to {name}</span>
        </Button>
        <Button variant="quiet" className="h-7" onClick={onToggle}>
          {enabled ? 'Turn off' : 'Turn on'}
          <span className="sr-only"> {name}</span>
        </Button>
        <Button variant="danger" className="h-7" onClick={onRemove}>
          Remove…<span className="sr-only"> {name}</span>
        </Button>
      </td>
    </tr>
  );
}
