import type { ReactNode } from 'react';
import { preciseDuration, trendWords } from '@/app/_components/cases/case-words';
import type { CaseDetails } from '@/lib/model/cases/case-views';

/** The figures of the newest results: how flaky it is, and how long it takes. */
export function Facts({ details: { figures } }: { details: CaseDetails }) {
  const { flaky, times, runs } = figures;
  return (
    <section className="panel p-3">
      <h2 className="mb-1">By its last {runs === 1 ? 'result' : `${runs} results`}</h2>
      <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-3">
        <Fact name="Passes on a retry" isTelling={flaky.passesOnRetry.count > 0}>
          {flaky.passesOnRetry.count} of {flaky.passesOnRetry.of} runs
        </Fact>
        <Fact name="Flips on unchanged inputs" isTelling={flaky.isFlaky && flaky.flips.count > 0}>
          {flaky.flips.count} of {flaky.flips.of} pairs of runs
        </Fact>
        <Fact name="Time when it passes" isTelling={times.isSlower}>
          {times.recentMs === null ? 'unknown' : preciseDuration(times.recentMs)}
          {times.change === null ? null : (
            <span className={times.isSlower ? 'text-failed' : 'text-ink-2'}>
              {' '}
              {trendWords(times.change)}
              {times.isSlower ? ': slower' : ''}
            </span>
          )}
        </Fact>
      </dl>
      {flaky.isFlaky ? (
        <p className="mt-2 font-[550] text-timed-out">
          Flaky: it passed after a failure though nothing had changed.
        </p>
      ) : null}
    </section>
  );
}

function Fact({ name, isTelling, children }: { name: string; isTelling: boolean; children: ReactNode }) {
  return (
    <div>
      <dt className="label">{name}</dt>
      <dd className={isTelling ? 'font-[550]' : ''}>{children}</dd>
    </div>
  );
}
