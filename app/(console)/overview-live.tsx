'use client';

import { type ReactNode, useState } from 'react';
import { buttonClass } from '@/app/_components/button';
import { useReportConnection } from '@/app/_components/connection';
import { Link } from '@/app/_components/hover-link';
import { Empty } from '@/app/_components/notice';
import { useStream } from '@/app/_components/streams/use-stream';
import type { Overview } from '@/lib/model/launch';
import { isFinalExecution } from '@/lib/model/status';
import { ExecutionRow } from './execution-row';
import { SuiteHistory } from './suite-history';

/** What runs, what needs a person, how the suites have done: live. */
export function OverviewLive({ start }: { start: Overview }) {
  const [overview, setOverview] = useState(start);
  const connection = useStream<Overview>({
    path: '/api/v1/engine/overview/stream',
    after: 0,
    whenHidden: 'stay',
    onItems: (items) => setOverview(items.at(-1) ?? overview),
  });
  useReportConnection(connection);

  const { executions, counts } = overview;
  const active = executions.filter((each) => !isFinalExecution(each.status));
  const ended = executions.filter((each) => isFinalExecution(each.status));
  const broken = newestOfSuite(ended).filter(
    (each) => each.status !== 'passed' && each.status !== 'cancelled',
  );

  return (
    <div className="flex flex-col gap-6 p-4">
      <header className="flex items-center gap-4">
        <h1 className="page-title">Overview</h1>
        <p className="text-ink-2" role="status">
          {counts.running} running, {counts.queued} queued, {broken.length}{' '}
          {broken.length === 1 ? 'suite needs' : 'suites need'} a look
        </p>
        <Link href="/launch" className={`${buttonClass('primary')} ml-auto`}>
          Launch
        </Link>
      </header>
      {executions.length === 0 ? (
        <div className="panel">
          <Empty title="Nothing has run yet">
            <p>
              Launch a suite here, or from a terminal: <code>npm run gantry -- run hello</code>
            </p>
          </Empty>
        </div>
      ) : null}
      {active.length > 0 ? (
        <Section title="Running now" executions={active}>
          {active.length < counts.running + counts.queued ? (
            <p className="px-3 py-2 text-ink-2">
              {counts.running + counts.queued - active.length} more run or wait:{' '}
              <Link href="/executions" className="underline">
                all executions
              </Link>
            </p>
          ) : null}
        </Section>
      ) : null}
      {broken.length > 0 ? <Section title="Needs a look" executions={broken} showCause /> : null}
      {ended.length > 0 ? <SuiteHistory executions={ended} /> : null}
    </div>
  );
}

function Section({
  title,
  executions,
  showCause = false,
  children,
}: {
  title: string;
  executions: Overview['executions'];
  showCause?: boolean;
  children?: ReactNode;
}) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-base">{title}</h2>
      <div className="panel divide-y divide-line">
        {executions.map((execution) => (
          <ExecutionRow key={execution.id} execution={execution} showCause={showCause} />
        ))}
        {children}
      </div>
    </section>
  );
}

function newestOfSuite(executions: Overview['executions']): Overview['executions'] {
  const seen = new Set<string>();
  return executions.filter(({ suite }) => {
    if (seen.has(suite.id)) return false;
    seen.add(suite.id);
    return true;
  });
}
