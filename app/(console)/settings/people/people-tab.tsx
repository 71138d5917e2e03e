'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { Invitation, UserChange, UserSummary } from '@/lib/model/user';
import { AddPerson } from './add-person';
import { GroupsDialog } from './groups-dialog';
import { InvitationLink } from './invitation-link';
import { PeopleTable } from './people-table';
import { type PersonAction, PersonDialog } from './person-dialog';

/** Adds, lists and changes people. */
export function PeopleTab() {
  const [chosen, setChosen] = useState<PersonAction | null>(null);
  const [grouped, setGrouped] = useState<UserSummary | null>(null);
  const [reset, setReset] = useState<{ name: string; invitation: Invitation } | null>(null);
  const query = useQuery({
    queryKey: ['users'],
    queryFn: () => apiFetch<{ items: UserSummary[] }>('/api/v1/users'),
    refetchInterval: 15_000,
  });
  const change = useMutation({
    mutationFn: ({ id, body }: { id: string; body: UserChange }) =>
      apiFetch(`/api/v1/users/${encodeURIComponent(id)}`, { method: 'PUT', body }),
    onSettled: () => void query.refetch(),
  });
  const people = query.data?.items;

  return (
    <>
      <AddPerson onAdded={() => void query.refetch()} />
      {reset ? <InvitationLink name={reset.name} invitation={reset.invitation} /> : null}
      {change.isError ? <ErrorNotice title="Nothing was changed.">{change.error.message}</ErrorNotice> : null}
      {query.isError ? (
        <ErrorNotice title="The people could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {query.isPending ? (
        <div className="panel">
          <Skeleton rows={4} />
        </div>
      ) : null}
      {people && people.length === 0 ? (
        <div className="panel">
          <Empty title="There is nobody yet">
            <p>Add somebody above, or set up an identity provider: docs/people.md.</p>
          </Empty>
        </div>
      ) : null}
      {people && people.length > 0 ? (
        <PeopleTable
          people={people}
          onRole={(id, role) => change.mutate({ id, body: { role } })}
          onEnable={(id) => change.mutate({ id, body: { disabled: false } })}
          onChoose={setChosen}
          onGroups={setGrouped}
        />
      ) : null}
      {grouped ? (
        <GroupsDialog
          person={grouped}
          onClose={() => setGrouped(null)}
          onDone={() => {
            setGrouped(null);
            void query.refetch();
          }}
        />
      ) : null}
      <PersonDialog
        chosen={chosen}
        onClose={() => setChosen(null)}
        onDone={(made) => {
          if (made) setReset(made);
          setChosen(null);
          void query.refetch();
        }}
      />
    </>
  );
}
