'use client';

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { replaceQuery } from '@/app/_components/address';
import { apiFetch } from '@/app/_components/api';
import { CaseList } from '@/app/_components/cases/case-list';
import { fieldClass } from '@/app/_components/field';
import type { SuiteSummary } from '@/lib/model/suite-details';

/** The test cases of all suites, or of one that is chosen. */
export function AllCases() {
  const suite = useSearchParams().get('suite') ?? '';
  const suites = useQuery({
    queryKey: ['suites'],
    queryFn: () => apiFetch<{ items: SuiteSummary[] }>('/api/v1/suites'),
  });
  return (
    <div className="flex flex-col gap-3 p-4">
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="page-title mr-auto">Tests</h1>
        <label className="flex min-w-0 items-center gap-2">
          <span className="label">Suite</span>
          <select
            className={fieldClass}
            value={suite}
            onChange={(event) => replaceQuery({ suite: event.target.value })}
          >
            <option value="">all</option>
            {/* The history of a suite outlives it. */}
            {suite && !suites.data?.items.some(({ id }) => id === suite) ? (
              <option value={suite}>{suite}</option>
            ) : null}
            {suites.data?.items.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </header>
      <CaseList suiteId={suite || null} />
    </div>
  );
}
