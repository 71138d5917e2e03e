'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { ScrollArea } from '@/app/_components/scroll-area';
import type { Artifact } from '@/lib/model/artifact';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';

/** The files that steps exported. */
export function Artifacts({ execution }: { execution: Execution }) {
  const list = useQuery({
    queryKey: ['artifacts', execution.id, execution.lastEventSeq],
    queryFn: () => apiFetch<{ items: Artifact[] }>(`/api/v1/executions/${execution.id}/artifacts`),
    placeholderData: (before) => before,
  });
  if (list.error)
    return <ErrorNotice title="The artifacts could not be read.">{list.error.message}</ErrorNotice>;
  if (!list.data) return <Skeleton rows={4} />;
  if (list.data.items.length === 0) {
    return (
      <Empty title={isFinalExecution(execution.status) ? 'No step exported a file' : 'No file yet'}>
        <p>
          Files that a step writes to <code>$GANTRY_ARTIFACTS</code> and names under <code>export</code> come
          here.
        </p>
      </Empty>
    );
  }
  return (
    <ScrollArea label="Files">
      <table className="w-full">
        <thead className="sticky top-0 bg-surface">
          <tr className="border-line border-b text-left">
            <th className="label px-3 py-1.5">File</th>
            <th className="label px-2 py-1.5">Step</th>
            <th className="label px-3 py-1.5 text-right">Size</th>
          </tr>
        </thead>
        <tbody>
          {list.data.items.map((artifact) => (
            <tr key={artifact.id} className="border-line border-b hover:bg-sunken">
              <td className="px-3 py-1.5">
                <a
                  href={`/api/v1/executions/${execution.id}/artifacts/${artifact.id}`}
                  download
                  className="font-mono text-accent text-code hover:underline"
                >
                  {artifact.path}
                </a>
              </td>
              <td className="px-2 py-1.5 text-ink-2">
                {artifact.stepId}
                {artifact.attempt > 1 ? `, attempt ${artifact.attempt}` : ''}
              </td>
              <td className="whitespace-nowrap px-3 py-1.5 text-right text-ink-2">
                {formatBytes(artifact.bytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
