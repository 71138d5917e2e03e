'use client';

import { ApiError } from '@/app/_components/api';
import { lazyPart } from '@/app/_components/lazy-part';
import { ErrorNotice } from '@/app/_components/notice';
import { Tabs } from '@/app/_components/tabs';
import { When } from '@/app/_components/time';
import { usePolled } from '@/app/_components/use-polled';
import type { SuiteDetailsAnswer, SuiteRun } from '@/lib/model/suite-details';
import { useRuns } from '../use-runs';
import { SuiteHeader } from './suite-header';
import { Topology } from './topology';
import { suiteTabs, useSuiteSelection } from './use-suite-selection';

interface SuiteLiveProps {
  start: SuiteDetailsAnswer;
  runs: SuiteRun[];
  role: 'viewer' | 'member' | 'admin';
}

const Dependencies = lazyPart(() => import('./dependencies').then((part) => part.Dependencies));
const Errors = lazyPart(() => import('./errors').then((part) => part.Errors));
const Files = lazyPart(() => import('./files').then((part) => part.Files));
const Profiles = lazyPart(() => import('./profiles/profiles').then((part) => part.Profiles));
const Runs = lazyPart(() => import('./runs').then((part) => part.Runs));
const CaseList = lazyPart(() => import('@/app/_components/cases/case-list').then((part) => part.CaseList));

/** One suite, as its files are now: asks for it again and again; everything below are views of it. */
export function SuiteLive({ start, runs: startRuns, role }: SuiteLiveProps) {
  const query = usePolled(`/api/v1/suites/${encodeURIComponent(start.id)}`, start, 3_000);
  const suite = query.data;
  const runs = useRuns(startRuns);
  const { place, go } = useSuiteSelection(suite);

  return (
    <div className="flex h-full min-h-120 flex-col">
      <SuiteHeader suite={suite} runs={runs.get(suite.id) ?? []} />
      {query.error ? (
        <div className="p-3">
          <ErrorNotice
            title={isGone(query.error) ? 'This suite is gone.' : 'The suite could not be read again.'}
          >
            {query.error.message} What is shown was read{' '}
            <When at={new Date(query.updatedAtMs).toISOString()} />.
          </ErrorNotice>
        </div>
      ) : null}
      <Tabs
        label="Suite"
        names={suiteTabs}
        current={place.tab}
        onChoose={(tab) => go({ tab })}
        hint={{
          steps: suite.topology.length || null,
          profiles: suite.profiles.length || null,
          files: suite.files.length || null,
          dependencies: suite.dependencies.length || null,
          errors: suite.problems.length || null,
        }}
      >
        {place.tab === 'graph' || place.tab === 'steps' ? (
          <Topology suite={suite} view={place.tab} selected={place.step} go={go} />
        ) : (
          <div className="relative min-h-0 flex-1 overflow-auto">
            {place.tab === 'profiles' ? (
              <Profiles
                suite={suite}
                role={role}
                selected={place.profile}
                onChanged={query.refresh}
                onSelect={(profile) => go({ profile })}
              />
            ) : null}
            {place.tab === 'files' ? <Files suite={suite} /> : null}
            {place.tab === 'dependencies' ? <Dependencies suite={suite} /> : null}
            {place.tab === 'errors' ? <Errors suite={suite} /> : null}
            {place.tab === 'runs' ? <Runs suite={suite} /> : null}
            {place.tab === 'tests' ? (
              <div className="flex flex-col gap-3 p-4">
                <CaseList suiteId={suite.id} />
              </div>
            ) : null}
          </div>
        )}
      </Tabs>
    </div>
  );
}

function isGone(error: Error): boolean {
  return error instanceof ApiError && error.status === 404;
}
