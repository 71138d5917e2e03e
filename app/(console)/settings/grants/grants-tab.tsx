'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import type { SuiteGrant } from '@/lib/model/suite-grant';
import { GiveRights } from './give-rights';
import { type Grantees, nameOf, useGrantees } from './use-grantees';

/** Gives, lists and takes back rights to suites. */
export function GrantsTab() {
  const [removed, setRemoved] = useState<SuiteGrant | null>(null);
  const { grantees, error } = useGrantees();
  const query = useQuery({
    queryKey: ['grants'],
    queryFn: () => apiFetch<{ items: SuiteGrant[] }>('/api/v1/grants'),
    refetchInterval: 15_000,
  });
  const remove = useMutation({
    mutationFn: ({ id }: SuiteGrant) =>
      apiFetch(`/api/v1/grants/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => {
      setRemoved(null);
      void query.refetch();
    },
  });
  const grants = query.data?.items ?? [];
  const isLast = removed !== null && grants.filter(({ suites }) => suites === removed.suites).length === 1;

  return (
    <>
      <GiveRights grantees={grantees} onGiven={() => void query.refetch()} />
      {query.isError ? (
        <ErrorNotice title="The rights could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {error ? (
        <ErrorNotice title="The names of people and tokens could not be read.">{error.message}</ErrorNotice>
      ) : null}
      <div className="panel overflow-x-auto">
        {query.isPending ? <Skeleton rows={3} /> : null}
        {query.data && grants.length === 0 ? (
          <Empty title="No suite is owned">
            <p>Everybody sees every suite, and does with it what their role lets them.</p>
          </Empty>
        ) : null}
        {grants.length > 0 ? (
          <table className="w-full">
            <caption className="sr-only">Rights to suites</caption>
            <thead>
              <tr className="border-line border-b text-left">
                <th className="label py-1.5 pr-2 pl-3">Suites</th>
                <th className="label px-2 py-1.5">Who</th>
                <th className="label px-2 py-1.5">May</th>
                <th className="label hidden px-2 py-1.5 md:table-cell">Given</th>
                <th className="label px-3 py-1.5">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {grants.map((grant) => (
                <GrantRow
                  key={grant.id}
                  grant={grant}
                  grantees={grantees}
                  onRemove={() => setRemoved(grant)}
                />
              ))}
            </tbody>
          </table>
        ) : null}
      </div>
      {removed ? (
        <ConfirmDialog
          title={`Take the rights to ${removed.suites} from ${nameOf(removed.grantee, grantees)}?`}
          means={
            isLast
              ? 'No other row has this pattern. Unless another pattern matches these suites, everybody sees them again.'
              : 'Pages and streams that are open end within five seconds. What runs goes on.'
          }
          action="Take back"
          cancelLabel="Keep them"
          isDisabled={remove.isPending}
          refusal={remove.error && { title: 'They were not taken back.', message: remove.error.message }}
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

function GrantRow({
  grant,
  grantees,
  onRemove,
}: {
  grant: SuiteGrant;
  grantees: Grantees;
  onRemove: () => void;
}) {
  const { suites, grantee, rights, createdAt, madeBy } = grant;
  const name = nameOf(grantee, grantees);
  return (
    <tr data-grant={suites} className="border-line border-b last:border-b-0 hover:bg-sunken">
      <td className="max-w-60 break-words py-1.5 pr-2 pl-3">
        <code>{suites}</code>
      </td>
      <td className="max-w-60 break-words px-2 py-1.5">
        {name}
        {grantee.kind === 'everyone' ? null : <span className="text-ink-2">, {grantee.kind}</span>}
      </td>
      <td className="px-2 py-1.5 text-ink-2">{rights.join(', ')}</td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 md:table-cell">
        <When at={createdAt} />
        {madeBy === null ? '' : ` by ${madeBy}`}
      </td>
      <td className="w-px whitespace-nowrap px-3 py-1 text-right">
        <Button variant="danger" className="h-7" onClick={onRemove}>
          Take back…
          <span className="sr-only">
            {' '}
            {suites} from {name}
          </span>
        </Button>
      </td>
    </tr>
  );
}
