'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { SessionSummary } from '@/lib/model/session';
import { PasswordForm } from './password-form';
import { SessionTable } from './session-table';

/** Browsers that are signed in: one's own, and for admins everybody's. */
export function SessionsTab({ isAdmin }: { isAdmin: boolean }) {
  const [of, setOf] = useState<'me' | 'all'>('me');
  const query = useQuery({
    queryKey: ['sessions', of],
    queryFn: () => apiFetch<{ items: SessionSummary[] }>(`/api/v1/sessions?of=${of}`),
    refetchInterval: 15_000,
  });
  const end = useMutation({
    mutationFn: (id: string) => apiFetch(`/api/v1/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSettled: () => void query.refetch(),
  });
  const endAll = useMutation({
    mutationFn: () => apiFetch('/api/v1/sessions', { method: 'DELETE' }),
    onSuccess: () => location.assign('/sign-in'),
  });
  const failed = end.error ?? endAll.error;
  const current = query.data?.items.find((session) => session.current);

  return (
    <>
      {current && current.userId !== null ? <PasswordForm /> : null}
      <div className="flex flex-wrap items-center gap-3">
        {isAdmin ? (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={of === 'all'}
              onChange={(event) => setOf(event.target.checked ? 'all' : 'me')}
            />
            Everybody's
          </label>
        ) : null}
        <Button
          variant="danger"
          className="ml-auto"
          disabled={endAll.isPending}
          onClick={() => endAll.mutate()}
        >
          Sign out everywhere
        </Button>
      </div>
      {failed ? <ErrorNotice title="The session was not ended.">{failed.message}</ErrorNotice> : null}
      {query.isError ? (
        <ErrorNotice title="The sessions could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {query.isPending ? (
        <div className="panel">
          <Skeleton rows={3} />
        </div>
      ) : null}
      {query.data ? <SessionTable sessions={query.data.items} onEnd={(id) => end.mutate(id)} /> : null}
    </>
  );
}
