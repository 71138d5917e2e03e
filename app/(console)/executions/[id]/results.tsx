import { Empty } from '@/app/_components/notice';
import { ScrollArea } from '@/app/_components/scroll-area';
import { StatusIcon } from '@/app/_components/status-icon';
import { formatDuration } from '@/app/_components/time';
import type { Step } from '@/lib/model/execution';
import type { CaseSummary, ReportSummary, TestSummary } from '@/lib/model/report';
import { isTestSummary } from '@/lib/model/report-kind';
import { ComparedCases } from './cases/compared-cases';
import { groupFailures } from './failure-groups';

/** What the reports of the steps say: failed cases first, their output folded. */
export function Results({ executionId, steps }: { executionId: string; steps: Step[] }) {
  const reports = steps.flatMap((step) => step.reports.map((report) => ({ step, report })));
  if (reports.length === 0) {
    return (
      <Empty title="No results yet">
        <p>
          A step reports with <code>export: [{'{ path: reports/junit.xml, format: junit }'}]</code>
        </p>
      </Empty>
    );
  }
  const ordered = [...reports].sort((a, b) => failures(b.report) - failures(a.report));
  return (
    <ScrollArea label="Cases">
      {reports.some(({ report }) => isTestSummary(report)) ? (
        <p className="border-line border-b px-3 py-1.5 text-right">
          <a
            href={`/api/v1/executions/${executionId}/junit`}
            download
            className="text-accent hover:underline"
            title="All test results of this run as one file, for a CI server"
          >
            JUnit
          </a>
        </p>
      ) : null}
      <ComparedCases executionId={executionId} reports={reports.length} />
      {ordered.map(({ step, report }) => (
        <section key={report.artifactId} className="border-line border-b px-3 py-2.5">
          <h3 className="flex flex-wrap items-center gap-2">
            <StatusIcon state={failures(report) > 0 ? 'failed' : 'passed'} size={14} isDecorative />
            {step.name}
            {step.attempts.length > 1 ? (
              <span className="font-normal text-ink-2">attempt {report.attempt}</span>
            ) : null}
            <span className="font-normal text-ink-2">{summary(report)}</span>
            <span className="ml-auto font-mono font-normal text-code text-ink-2">{report.path}</span>
          </h3>
          {isTestSummary(report) ? <Failures report={report} /> : null}
        </section>
      ))}
    </ScrollArea>
  );
}

function Failures({ report }: { report: TestSummary }) {
  const groups = groupFailures(report.failures);
  return (
    <ul className="mt-1">
      {groups.map((group) => (
        <li key={`${group.failures[0]?.suite} ${group.failures[0]?.name}`} className="mt-1">
          {group.failures.length === 1 ? (
            group.failures.map((each) => <Failure key={each.name} failure={each} hasMessage />)
          ) : (
            <details>
              <summary className="marker:text-ink-2">
                <span className="font-[550]">{group.failures.length} cases</span>
                <span className="break-words text-ink-2">: {group.message}</span>
              </summary>
              <ul className="mt-1 ml-4">
                {group.failures.map((each, position) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two failures may have one name, and the list never changes.
                  <li key={`${position} ${each.name}`} className="mt-0.5">
                    <Failure failure={each} hasMessage={false} />
                  </li>
                ))}
              </ul>
            </details>
          )}
        </li>
      ))}
      {failures(report) > report.failures.length ? (
        <li className="mt-1 text-ink-2">
          and {failures(report) - report.failures.length} more, in the report among the artifacts
        </li>
      ) : null}
    </ul>
  );
}

function Failure({ failure, hasMessage }: { failure: CaseSummary; hasMessage: boolean }) {
  const { suite, name, message, output, durationMs } = failure;
  return (
    <details>
      <summary className="marker:text-ink-2">
        {suite ? <span className="text-ink-2">{suite} › </span> : null}
        <span className="font-[550]">{name}</span>
        {hasMessage && message ? (
          <span className="break-words text-ink-2">: {message.split('\n', 1)[0]}</span>
        ) : null}{' '}
        <span className="text-ink-2 text-xs">{durationMs === null ? '' : formatDuration(durationMs)}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard */}
      <pre tabIndex={0} className="mt-1 overflow-x-auto whitespace-pre-wrap rounded-md bg-sunken p-2">
        {output ?? message ?? 'It has no output.'}
      </pre>
    </details>
  );
}

function failures(report: ReportSummary): number {
  return isTestSummary(report) ? report.failed + report.errored : 0;
}

function summary(report: ReportSummary): string {
  if (!isTestSummary(report)) {
    const percent = report.linesTotal > 0 ? (report.linesCovered / report.linesTotal) * 100 : 0;
    return `${percent.toFixed(1)} % of ${report.linesTotal} lines covered`;
  }
  const bad = failures(report);
  const others = [
    [report.flaky ?? 0, 'flaky'],
    [report.warned ?? 0, 'with a warning'],
    [report.skipped, 'skipped'],
  ] as const;
  return [
    bad > 0 ? `${bad} of ${report.total} failed` : `${report.passed} of ${report.total} passed`,
    ...others.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`),
    formatDuration(report.durationMs),
  ].join(', ');
}
