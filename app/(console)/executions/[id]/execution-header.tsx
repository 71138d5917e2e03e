'use client';

import { CopyId } from '@/app/_components/copy-id';
import { StatusIcon, stateColor, stateWord } from '@/app/_components/status-icon';
import { Elapsed, When } from '@/app/_components/time';
import type { Execution } from '@/lib/model/execution';
import { FlakyCases } from './cases/flaky-cases';
import { CountsLine } from './counts-line';
import { ExecutionActions } from './execution-actions';
import { QueueLine } from './queue-line';
import { RerunLinks } from './rerun-links';
import { ExecutionWarnings } from './step-warnings';
import type { Select, Selection } from './use-selection';

/** What it is, how it stands, why, and what one can do. */
export function ExecutionHeader({
  execution,
  place,
  go,
}: {
  execution: Execution;
  place: Selection;
  go: Select;
}) {
  const { status, suite, profile, backend } = execution;
  return (
    <header className="flex shrink-0 flex-col gap-1.5 border-line border-b bg-surface px-4 py-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex min-w-0 items-center gap-2.5">
          <StatusIcon state={status} size={20} isDecorative />
          <h1 className="page-title truncate">{suite.title}</h1>
          <span className={`font-[550] ${stateColor[status]}`} role="status" data-testid="execution-status">
            {stateWord(status)}
          </span>
          <FlakyCases count={execution.flakyCases} />
        </div>
        <dl className="flex flex-wrap items-center gap-x-4 text-ink-2">
          <Fact name="Elapsed">
            <Elapsed from={execution.startedAt ?? execution.createdAt} to={execution.finishedAt} />
          </Fact>
          <Fact name="Profile">{profile}</Fact>
          <Fact name="Backend">{backend.label}</Fact>
          <Fact name="Launched">
            <When at={execution.createdAt} /> by {execution.author}
          </Fact>
          <RerunLinks execution={execution} />
          <Fact name="Id">
            <CopyId id={execution.id} />
          </Fact>
        </dl>
        <div className="ml-auto flex gap-2">
          <ExecutionActions execution={execution} />
        </div>
      </div>
      {status === 'queued' ? <QueueLine execution={execution} /> : null}
      <CountsLine execution={execution} place={place} go={go} />
      {backend.kind === 'process' ? <ProcessNote /> : null}
      {execution.outputRemovedAt ? (
        <p className="text-ink-2">
          Its logs and artifacts were removed <When at={execution.outputRemovedAt} />, for their age.
        </p>
      ) : null}
      {execution.warnings.map((warning) => (
        <p key={warning} className="text-ink-2 text-xs">
          Note: {warning}
        </p>
      ))}
      <ExecutionWarnings execution={execution} go={go} />
    </header>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="sr-only">{name}</dt>
      <dd title={name}>{children}</dd>
    </div>
  );
}

function ProcessNote() {
  return (
    <p className="text-ink-2 text-xs">
      Runs as processes of the machine that runs Gantry, without isolation or limits: no backend with
      containers was chosen.
    </p>
  );
}
