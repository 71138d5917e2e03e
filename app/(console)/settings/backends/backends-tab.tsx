'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { BackendOption } from '@/lib/model/launch';
import type { PlatformSettings } from '@/lib/model/platform-settings';
import { Availability } from './availability';
import { SettingsForm } from './settings-form';

/** Where executions can run, and for admins what says so. */
export function BackendsTab({ isAdmin }: { isAdmin: boolean }) {
  const backends = useQuery({
    queryKey: ['backends'],
    queryFn: () => apiFetch<{ items: BackendOption[] }>('/api/v1/backends'),
    refetchInterval: 10_000,
  });
  const settings = useQuery({
    queryKey: ['platform-settings'],
    queryFn: () => apiFetch<PlatformSettings>('/api/v1/platform-settings'),
    enabled: isAdmin,
    // Unsaved input is never discarded.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const problem = backends.error ?? settings.error;
  const options = backends.data?.items;

  return (
    <>
      {problem ? (
        <ErrorNotice title="The settings could not be read.">{problem.message} Retrying…</ErrorNotice>
      ) : null}
      {!problem && (backends.isPending || (isAdmin && settings.isPending)) ? (
        <div className="panel">
          <Skeleton rows={4} />
        </div>
      ) : null}
      {options && !isAdmin ? <BackendList options={options} /> : null}
      {options && settings.data ? (
        <SettingsForm
          key={settings.dataUpdatedAt}
          saved={settings.data}
          options={options}
          onSaved={() => {
            void settings.refetch();
            void backends.refetch();
          }}
        />
      ) : null}
    </>
  );
}

function BackendList({ options }: { options: BackendOption[] }) {
  if (options.length === 0) {
    return (
      <div className="panel">
        <Empty title="There is no backend">
          <p>An admin turns one on here.</p>
        </Empty>
      </div>
    );
  }
  return (
    <ul className="panel divide-y divide-line">
      {options.map((option) => (
        <li key={option.id} className="flex flex-col gap-1 px-3 py-2" data-backend={option.id}>
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-[550]">{option.label}</span>
            <span className="font-mono text-code text-ink-2">{option.id}</span>
            {option.default ? <span className="text-ink-2">default</span> : null}
          </p>
          <Availability option={option} />
        </li>
      ))}
    </ul>
  );
}
