'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { CaseName } from '@/app/_components/cases/case-name';
import { Link } from '@/app/_components/hover-link';
import { ErrorNotice } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import type { CaseDetails } from '@/lib/model/cases/case-views';
import { Facts } from './facts';
import { MutePanel } from './mute-panel';
import { ResultBars } from './result-bars';
import { Streak } from './streak';

/** One test case: its newest results, and what they tell. */
export function CaseLive({ start, mayMute }: { start: CaseDetails; mayMute: boolean }) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['case', start.id],
    queryFn: () => apiFetch<CaseDetails>(`/api/v1/cases/${start.id}`),
    initialData: start,
    refetchInterval: 10_000,
  });
  const details = query.data;
  return (
    <div className="mx-auto flex w-full max-w-240 flex-col gap-4 p-4">
      <header className="flex flex-col gap-1">
        <p className="text-ink-2">
          <Link
            href={`/suites/${encodeURIComponent(details.suiteId)}?tab=tests`}
            className="text-accent hover:underline"
          >
            {details.suiteId}
          </Link>{' '}
          · step {details.stepId}
          {details.file ? (
            <>
              {' · '}
              <code className="break-all">{details.file}</code>
            </>
          ) : null}
        </p>
        <h1 className="page-title break-words">{details.name}</h1>
        <p className="break-words text-ink-2">
          <CaseName record={details} part="place" />
        </p>
        {details.renamedFrom ? (
          <p>
            Renamed from{' '}
            <Link href={`/cases/${details.renamedFrom.id}`} className="text-accent hover:underline">
              <CaseName record={details.renamedFrom} part="whole" />
            </Link>
          </p>
        ) : null}
      </header>
      {query.error ? (
        <ErrorNotice title="The test case could not be read again.">{query.error.message}</ErrorNotice>
      ) : null}
      <ResultBars results={details.results} />
      <Streak details={details} />
      <Facts details={details} />
      <MutePanel
        details={details}
        mayMute={mayMute}
        onChange={() => client.invalidateQueries({ queryKey: ['case', start.id] })}
      />
      <SameFailures details={details} />
    </div>
  );
}

function SameFailures({ details: { sameFailures } }: { details: CaseDetails }) {
  if (sameFailures.length === 0) return null;
  return (
    <section className="panel p-3">
      <h2 className="mb-1">Fail with the same message</h2>
      <ul>
        {sameFailures.map(({ record, at, executionId }) => (
          <li key={record.id} className="flex flex-wrap gap-x-3 py-1">
            <Link href={`/cases/${record.id}`} className="min-w-0 break-words text-accent hover:underline">
              <CaseName record={record} part="whole" />
            </Link>
            <Link href={`/executions/${executionId}`} className="ml-auto text-ink-2 hover:underline">
              <When at={at} />
            </Link>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-ink-2 text-xs">
        Numbers, ids, times and addresses in the messages are ignored.
      </p>
    </section>
  );
}
