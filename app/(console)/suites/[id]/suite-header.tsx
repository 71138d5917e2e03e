'use client';

import type { ReactNode } from 'react';
import { Button, buttonClass } from '@/app/_components/button';
import { CopyId } from '@/app/_components/copy-id';
import { Link } from '@/app/_components/hover-link';
import { RunBars } from '@/app/_components/run-bars';
import { StatusIcon, stateWord } from '@/app/_components/status-icon';
import { When } from '@/app/_components/time';
import { isFinalExecution } from '@/lib/model/status';
import type { SuiteDetailsAnswer, SuiteRun } from '@/lib/model/suite-details';
import { RepositoryLink } from '../repository-link';
import { maxRuns } from '../runs-of-suite';
import { SuiteStateMark } from '../suite-state';

interface SuiteHeaderProps {
  suite: SuiteDetailsAnswer;
  /** The newest first. */
  runs: readonly SuiteRun[];
}

/** What it is, whether it can be launched, how it has done, and the way to launch it. */
export function SuiteHeader({ suite, runs }: SuiteHeaderProps) {
  const ended = runs
    .filter(({ status }) => isFinalExecution(status) && status !== 'cancelled')
    .slice(0, maxRuns);
  const [newest] = runs;
  return (
    <header className="flex shrink-0 flex-col gap-1 border-line border-b bg-surface px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="page-title min-w-0 break-words">{suite.title}</h1>
        <span role="status">
          <SuiteStateMark suite={suite} />
        </span>
        {ended.length > 0 ? (
          <div className="max-sm:hidden">
            <RunBars runs={ended} />
          </div>
        ) : null}
        <div className="ml-auto">
          <LaunchAction suite={suite} />
        </div>
      </div>
      <dl className="flex flex-wrap items-center gap-x-4 text-ink-2">
        <Fact name="Id">
          <CopyId id={suite.id} />
        </Fact>
        {suite.version ? <Fact name="Version">{suite.version}</Fact> : null}
        {suite.repository ? (
          <Fact name="Repository">
            <RepositoryLink repository={suite.repository} />
          </Fact>
        ) : null}
        {newest ? (
          <Fact name="Last run">
            <Link
              href={`/executions/${newest.id}`}
              className="inline-flex items-center gap-1.5 hover:text-accent"
            >
              <StatusIcon state={newest.status} size={14} isDecorative />
              {stateWord(newest.status)} <When at={newest.createdAt} />
            </Link>
          </Fact>
        ) : (
          <Fact name="Last run">never run</Fact>
        )}
      </dl>
      {suite.description ? (
        <p className="max-w-[90ch] text-ink-2 max-md:line-clamp-2" title={suite.description}>
          {suite.description}
        </p>
      ) : null}
    </header>
  );
}

/** What cannot be done is shown with the reason. */
function LaunchAction({ suite }: { suite: SuiteDetailsAnswer }) {
  const reason = !suite.rights.includes('launch')
    ? 'To launch takes the role member, or a right to this suite.'
    : suite.valid
      ? null
      : 'It can be launched when its errors are put right.';
  if (reason === null)
    return (
      <Link href={`/launch?suite=${encodeURIComponent(suite.id)}`} className={buttonClass('primary')}>
        Launch
      </Link>
    );
  return (
    <span className="flex items-center gap-3">
      <span className="text-ink-2 max-md:sr-only">{reason}</span>
      <Button variant="primary" disabled title={reason}>
        Launch
      </Button>
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-baseline gap-1.5">
      <dt className="sr-only">{name}</dt>
      <dd title={name} className="min-w-0">
        {children}
      </dd>
    </div>
  );
}
