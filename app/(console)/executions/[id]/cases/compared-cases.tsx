'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiFetch } from '@/app/_components/api';
import { CaseName } from '@/app/_components/cases/case-name';
import { Link } from '@/app/_components/hover-link';
import { When } from '@/app/_components/time';
import type { ExecutionCase, ExecutionCases } from '@/lib/model/cases/case-views';

interface ComparedCasesProps {
  executionId: string;
  /** The number of reports so far: with each the comparison is made again. */
  reports: number;
}

/** The test cases of a run compared with earlier runs: new failures, lasting ones, flaky, fixed and new cases. */
export function ComparedCases({ executionId, reports }: ComparedCasesProps) {
  const { data } = useQuery({
    queryKey: ['execution-cases', executionId, reports],
    queryFn: () => apiFetch<ExecutionCases>(`/api/v1/executions/${executionId}/cases`),
  });
  if (!data) return null;
  return (
    <div data-testid="compared-cases">
      <Group title="New failures" color="text-failed" cases={data.newFailures} />
      <Group
        title="Still failing"
        color="text-failed"
        cases={data.stillFailing}
        more={({ failures, since }) => (
          <>
            {failures} runs in a row
            {since ? (
              <>
                , since{' '}
                <Link
                  href={`/executions/${since.executionId}?tab=results`}
                  className="text-accent hover:underline"
                >
                  <When at={since.at} />
                </Link>
              </>
            ) : null}
          </>
        )}
      />
      <Group title="Flaky" color="text-timed-out" cases={data.flaky} />
      <Group title="Fixed now" color="text-passed" cases={data.fixed} />
      <Group title="New cases" color="text-ink-2" cases={data.added} isFolded />
    </div>
  );
}

interface GroupProps {
  title: string;
  color: string;
  cases: readonly ExecutionCase[];
  more?: (each: ExecutionCase) => ReactNode;
  isFolded?: boolean;
}

function Group({ title, color, cases, more, isFolded = false }: GroupProps) {
  if (cases.length === 0) return null;
  return (
    <details open={!isFolded} className="border-line border-b px-3 py-2">
      <summary className={`font-[550] ${color}`}>
        {title} <span className="font-normal text-ink-2">{cases.length}</span>
      </summary>
      <ul className="mt-1">
        {cases.map((each) => (
          <li key={each.id} className="break-words py-0.5">
            <Link href={`/cases/${each.id}`} className="text-accent hover:underline">
              <CaseName record={each} part="whole" />
            </Link>{' '}
            <span className="text-ink-2 text-xs">
              {each.isMuted ? 'muted ' : ''}
              {more?.(each)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
