'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { lazyPart } from '@/app/_components/lazy-part';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { LaunchSuite } from '@/lib/model/launch';
import type { ScheduleAnswer } from '@/lib/model/schedule';
import { scheduleRequestOf } from '@/lib/model/schedule-request';
import { ScheduleTable } from './schedule-table';

const ScheduleForm = lazyPart(() => import('./schedule-form').then((part) => part.ScheduleForm));

/** All schedules; those who may launch a suite make, change, switch and remove its schedules. */
export function Schedules({ person }: { person: { role: 'viewer' | 'member' | 'admin' } }) {
  const [edited, setEdited] = useState<ScheduleAnswer | 'new' | null>(null);
  const [removed, setRemoved] = useState<ScheduleAnswer | null>(null);
  // A viewer may have been granted suites to launch.
  const launchable = useQuery({
    queryKey: ['launch-suites'],
    queryFn: () => apiFetch<LaunchSuite[]>('/api/v1/executions/launch-suites'),
  });
  const mayMake = launchable.data ? launchable.data.length > 0 : person.role !== 'viewer';
  const query = useQuery({
    queryKey: ['schedules'],
    queryFn: () => apiFetch<{ items: ScheduleAnswer[] }>('/api/v1/schedules'),
    refetchInterval: 5_000,
  });
  const changed = () => void query.refetch();
  const toggle = useMutation({
    mutationFn: (schedule: ScheduleAnswer) =>
      apiFetch(`/api/v1/schedules/${encodeURIComponent(schedule.id)}`, {
        method: 'PUT',
        body: { ...scheduleRequestOf(schedule), enabled: !schedule.enabled },
      }),
    onSuccess: changed,
  });
  const remove = useMutation({
    mutationFn: ({ id }: ScheduleAnswer) =>
      apiFetch(`/api/v1/schedules/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => {
      setRemoved(null);
      changed();
    },
  });
  const schedules = query.data?.items ?? [];

  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="page-title">Schedules</h1>
        <p className="text-ink-2">Suites that are launched at set times.</p>
        {mayMake && edited === null ? (
          <Button className="ml-auto" variant="primary" onClick={() => setEdited('new')}>
            New schedule
          </Button>
        ) : null}
      </header>
      {edited !== null ? (
        <ScheduleForm
          key={edited === 'new' ? 'new' : edited.id}
          schedule={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            changed();
          }}
        />
      ) : null}
      {query.isError ? (
        <ErrorNotice title="The schedules could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {toggle.isError ? (
        <ErrorNotice title="The schedule was not changed.">{toggle.error.message}</ErrorNotice>
      ) : null}
      {query.isPending ? (
        <div className="panel">
          <Skeleton rows={4} />
        </div>
      ) : null}
      {query.data && schedules.length === 0 && edited === null ? (
        <div className="panel">
          <Empty title="There is no schedule yet">
            <code>gantry schedules make hello --cron &quot;30 2 * * 1-5&quot; --time-zone Europe/Berlin</code>
          </Empty>
        </div>
      ) : null}
      {schedules.length > 0 ? (
        <ScheduleTable
          schedules={schedules}
          onToggle={(schedule) => toggle.mutate(schedule)}
          onEdit={setEdited}
          onRemove={setRemoved}
        />
      ) : null}
      {removed ? (
        <ConfirmDialog
          title={`Remove the schedule ${removed.name}?`}
          means="It launches nothing any more, and its history goes. Its executions stay."
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
    </div>
  );
}
