'use client';

import { Button } from '@/app/_components/button';
import { CopyCommand } from '@/app/_components/copy-command';
import { Empty, ErrorNotice } from '@/app/_components/notice';
import { count } from '@/app/_components/quantities';
import { SearchField } from '@/app/_components/search-field';
import { Segments } from '@/app/_components/segments';
import { When } from '@/app/_components/time';
import { usePolled } from '@/app/_components/use-polled';
import type { SuiteRun, SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { SuiteTable } from './suite-table';
import { useRuns } from './use-runs';
import { chooseSuites, stateFilters, useSuitesView } from './use-suites-view';

interface SuitesLiveProps {
  start: SuiteSummaryAnswer[];
  runs: SuiteRun[];
}

const filterLabels = { all: 'All', launchable: 'Launchable', invalid: 'With errors' };

/** Every suite, as its files are now, with how it has done: asks for the files, follows the executions. */
export function SuitesLive({ start, runs: startRuns }: SuitesLiveProps) {
  const { view, change } = useSuitesView();
  const runs = useRuns(startRuns);
  const list = usePolled('/api/v1/suites', { items: start }, 3_000);
  const suites = list.data.items;
  const invalid = suites.filter(({ valid }) => !valid).length;
  const launchable = suites.length - invalid;
  const shown = chooseSuites(suites, view);
  const owned = new Set(suites.filter(({ valid }) => valid).map(({ id }) => id));

  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="page-title">Suites</h1>
        <p className="text-ink-2" role="status">
          {summary(suites.length, launchable, invalid)}
        </p>
      </header>
      {list.error ? (
        <ErrorNotice title="The suites could not be read again.">
          {list.error.message} It is tried again; what is shown was read <When at={iso(list.updatedAtMs)} />.
        </ErrorNotice>
      ) : null}
      {suites.length === 0 ? (
        <div className="panel">
          <Empty title="There is no suite yet">
            <p>
              A suite is a folder with a <code>suite.yaml</code> below a suite root (
              <code>GANTRY_SUITES</code>). This makes one of a service and a test, and it appears here at
              once:
            </p>
            <div className="w-full max-w-lg text-left">
              <CopyCommand command="npm run gantry -- init my-suite" />
            </div>
          </Empty>
        </div>
      ) : (
        <div className="flex flex-wrap items-center gap-3">
          <SearchField
            label="Search suites"
            placeholder="Title, id, repository, profile…"
            value={view.q}
            onChange={(q) => change({ q })}
          />
          <Segments
            label="State"
            name="state"
            options={stateFilters.map((name) => ({
              name,
              words: filterLabels[name],
              count: { all: undefined, launchable, invalid }[name],
            }))}
            current={view.state}
            onChoose={(state) => change({ state })}
          />
        </div>
      )}
      {suites.length > 0 && shown.length === 0 ? (
        <div className="panel">
          <Empty title="No suite is like that">
            <Button onClick={() => change({ q: '', state: 'all' })}>Show all</Button>
          </Empty>
        </div>
      ) : null}
      {shown.length > 0 ? <SuiteTable suites={shown} owned={owned} runs={runs} /> : null}
    </div>
  );
}

function summary(all: number, launchable: number, invalid: number): string {
  if (all === 0) return 'none yet';
  return `${count(all, 'suite')}, ${invalid === 0 ? 'all launchable' : `${launchable} launchable, ${invalid} with errors`}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
