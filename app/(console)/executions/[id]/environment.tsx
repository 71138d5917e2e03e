'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Link } from '@/app/_components/hover-link';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { ScrollArea } from '@/app/_components/scroll-area';
import { When } from '@/app/_components/time';
import type { EnvironmentRecord } from '@/lib/model/environment';
import type { Execution } from '@/lib/model/execution';
import type { ResourceRow } from '@/lib/model/receipt';
import { isFinalExecution } from '@/lib/model/status';

/** What the execution made on its backend, each by name, and that it is gone. */
export function Environment({ execution }: { execution: Execution }) {
  const { id, status, stepCounts, receipt, backend } = execution;
  const record = useQuery({
    // Asked again whenever a step has changed: then something was made or removed.
    queryKey: ['sandbox', id, status, stepCounts],
    queryFn: () => apiFetch<EnvironmentRecord>(`/api/v1/sandboxes/${id}`),
    placeholderData: keepPreviousData,
  });
  if (record.error) {
    return (
      <div className="p-3">
        <ErrorNotice title="What it made could not be read.">
          {record.error.message} It is asked again when something changes.
        </ErrorNotice>
      </div>
    );
  }
  if (!record.data) return <Skeleton rows={6} />;
  const { environment } = record.data;
  const rows = record.data.rows.filter(({ madeAt }) => madeAt !== null);
  if (rows.length === 0 && !environment) {
    return (
      <Empty title={isFinalExecution(status) ? 'It made nothing' : 'Nothing is made yet'}>
        <p>What a run makes on {backend.label} is listed here by name.</p>
      </Empty>
    );
  }
  const left = rows.filter(({ removedAt }) => removedAt === null);
  return (
    <ScrollArea label="Environment" className="p-3">
      <dl className="grid max-w-100 grid-cols-3 gap-3" data-testid={receipt ? 'receipt' : undefined}>
        <Figure name="Created" value={rows.length} />
        <Figure name="Removed" value={rows.length - left.length} />
        <Figure name={leftWord(status, environment)} value={left.length} />
      </dl>
      <p className="mt-3 text-ink-2">
        {environment?.reason ??
          (left.length === 0
            ? `Nothing is left of this run on ${backend.label}.`
            : 'It is removed when the run ends.')}{' '}
        {environment ? (
          <Link href={`/environments?open=${id}`} className="text-accent hover:underline">
            Open it in Environments
          </Link>
        ) : null}
      </p>
      <Rows rows={rows} />
    </ScrollArea>
  );
}

function Rows({ rows }: { rows: ResourceRow[] }) {
  return (
    <table className="mt-3 w-full">
      <thead>
        <tr className="border-line border-b text-left">
          <th className="label py-1 pr-2">Resource</th>
          <th className="label px-2 py-1">Made</th>
          <th className="label px-2 py-1">Removed</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.kind} ${row.name}`} className="border-line border-b align-top">
            <td className="py-1 pr-2">
              <span className="text-ink-2">{row.kind}</span> <code className="break-all">{row.name}</code>
              {row.leftReason && row.removedAt === null ? (
                <p className="text-failed text-xs">{row.leftReason}</p>
              ) : null}
            </td>
            <td className="whitespace-nowrap px-2 py-1 text-ink-2">
              {row.madeAt ? <When at={row.madeAt} /> : '–'}
            </td>
            <td className="whitespace-nowrap px-2 py-1 text-ink-2">
              {row.removedAt ? <When at={row.removedAt} /> : '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function leftWord(status: Execution['status'], environment: EnvironmentRecord['environment']): string {
  if (environment?.state === 'kept') return 'Kept';
  return isFinalExecution(status) ? 'Left' : 'There now';
}

function Figure({ name, value }: { name: string; value: number }) {
  return (
    <div className="panel px-3 py-2">
      <dt className="label">{name}</dt>
      <dd className="text-lg">{value}</dd>
    </div>
  );
}
