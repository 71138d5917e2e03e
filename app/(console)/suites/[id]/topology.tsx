'use client';

import { useMemo } from 'react';
import { queryNow } from '@/app/_components/address';
import { buttonClass } from '@/app/_components/button';
import { countKinds, formatKinds } from '@/app/_components/format-kinds';
import { LazyStepGraph } from '@/app/_components/graph/lazy-step-graph';
import { lazyPart } from '@/app/_components/lazy-part';
import { Empty } from '@/app/_components/notice';
import { useKeys } from '@/app/_components/use-keys';
import type { SuiteDetails } from '@/lib/model/suite-details';
import type { SelectInSuite } from './use-suite-selection';

interface TopologyProps {
  suite: SuiteDetails;
  view: 'graph' | 'steps';
  selected: string | null;
  go: SelectInSuite;
}

const StepFacts = lazyPart(() => import('./step-facts').then((part) => part.StepFacts));
const StepList = lazyPart(() => import('./step-list').then((part) => part.StepList));

/** The steps as they run under the default profile, as a graph or a table, and all about the selected one. */
export function Topology({ suite, view, selected, go }: TopologyProps) {
  const { topology, warnings } = suite;
  const steps = useMemo(
    () => topology.map((node) => ({ ...node, status: 'pending' as const, time: null })),
    [topology],
  );
  const step = topology.find(({ id }) => id === selected);
  const move = (by: 1 | -1) => {
    const current = queryNow('step');
    const at = topology.findIndex(({ id }) => id === current);
    const next = at < 0 ? (by > 0 ? 0 : topology.length - 1) : at + by;
    go({ step: topology[Math.max(0, Math.min(topology.length - 1, next))]?.id ?? null });
  };
  const close = () => go({ step: null });
  useKeys({ j: () => move(1), k: () => move(-1), Escape: close });
  const onSelect = (id: string) => go({ step: id });

  if (topology.length === 0) return <NoTopology suite={suite} go={go} />;
  return (
    <>
      <div className="border-line border-b bg-surface px-4 py-1.5 text-ink-2">
        {formatKinds(countKinds(topology))}, under the profile {defaultProfile(suite)}
        {warnings.length > 0 ? (
          <ul className="max-h-20 overflow-y-auto">
            {warnings.map((warning) => (
              <li key={warning}>Note: {warning}</li>
            ))}
          </ul>
        ) : null}
      </div>
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        {view === 'graph' ? (
          <div className="min-h-0 min-w-0 flex-1">
            <LazyStepGraph steps={steps} selected={selected} onSelect={onSelect} />
          </div>
        ) : (
          <StepList steps={topology} selected={selected} onSelect={onSelect} />
        )}
        {step ? <StepFacts step={step} onSelect={onSelect} onClose={close} /> : null}
      </div>
    </>
  );
}

function NoTopology({ suite, go }: { suite: SuiteDetails; go: SelectInSuite }) {
  if (suite.problems.length === 0)
    return (
      <Empty title="What would run is not known yet">
        <p className="max-w-prose">
          A nested suite has not been fetched. A launch fetches it; so does{' '}
          <code>npm run gantry -- lock {suite.folder}</code>
        </p>
      </Empty>
    );
  return (
    <Empty title="There is nothing to show while the suite has errors">
      <button type="button" className={buttonClass()} onClick={() => go({ tab: 'errors' })}>
        Show the errors
      </button>
    </Empty>
  );
}

function defaultProfile({ profiles }: SuiteDetails): string {
  return (profiles.find((each) => each.default) ?? profiles[0])?.name ?? 'default';
}
