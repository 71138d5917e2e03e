'use client';

import { useState } from 'react';
import { useReportConnection } from '@/app/_components/connection';
import { useStream } from '@/app/_components/streams/use-stream';
import type { Overview } from '@/lib/model/launch';
import type { SuiteRun } from '@/lib/model/suite-details';
import { runsBySuite } from './runs-of-suite';

/** The runs of suites, live, by suite, the newest first; says how the connection is. */
export function useRuns(start: readonly SuiteRun[]): ReadonlyMap<string, SuiteRun[]> {
  const [runs, setRuns] = useState(() => runsBySuite(start, []));
  const connection = useStream<Overview>({
    path: '/api/v1/engine/overview/stream',
    after: 0,
    onItems: (pictures) => {
      const executions = pictures.at(-1)?.executions ?? [];
      setRuns((known) => runsBySuite([...known.values()].flat(), executions));
    },
  });
  useReportConnection(connection);
  return runs;
}
