import { Empty } from '@/app/_components/notice';
import { StateGlyph } from '@/app/_components/state-glyph';
import { formatDuration } from '@/app/_components/time';
import type { Step } from '@/lib/model/execution';
import type { ReportSummary } from '@/lib/model/report';

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
    <div className="relative min-h-0 flex-1 overflow-auto bg-surface">
      {reports.some(({ report }) => report.format === 'junit') ? (
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
      {ordered.map(({ step, report }) => (
        <section key={report.artifactId} className="border-line border-b px-3 py-2.5">
          <h3 className="flex flex-wrap items-center gap-2">
            <StateGlyph state={failures(report) > 0 ? 'failed' : 'passed'} size={14} isDecorative />
            {step.name}
            {step.attempts.length > 1 ? (
              <span className="font-normal text-ink-2">attempt {report.attempt}</span>
            ) : null}
            <span className="font-normal text-ink-2">{summary(report)}</span>
            <span className="ml-auto font-mono font-normal text-code text-ink-2">{report.path}</span>
          </h3>
          {report.format === 'junit' ? <Failures report={report} /> : null}
        </section>
      ))}
    </div>
  );
}

function Failures({ report }: { report: Extract<ReportSummary, { format: 'junit' }> }) {
  return (
    <ul className="mt-1">
      {report.failures.map((each) => (
        <li key={`${each.suite}${each.name}`} className="mt-1">
          <details>
            <summary className="marker:text-ink-2">
              <span className="text-ink-2">{each.suite} › </span>
              <span className="font-[550]">{each.name}</span>
              {each.message ? <span className="text-ink-2">: {each.message.split('\n', 1)[0]}</span> : null}
            </summary>
            <pre className="mt-1 overflow-x-auto whitespace-pre-wrap rounded-md bg-sunken p-2">
              {each.output ?? each.message ?? 'It has no output.'}
            </pre>
          </details>
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

function failures(report: ReportSummary): number {
  return report.format === 'junit' ? report.failed + report.errored : 0;
}

function summary(report: ReportSummary): string {
  if (report.format === 'cobertura') {
    const percent = report.linesTotal > 0 ? (report.linesCovered / report.linesTotal) * 100 : 0;
    return `${percent.toFixed(1)} % of ${report.linesTotal} lines covered`;
  }
  const bad = failures(report);
  const skipped = report.skipped > 0 ? `, ${report.skipped} skipped` : '';
  return `${bad > 0 ? `${bad} of ${report.total} failed` : `${report.passed} of ${report.total} passed`}${skipped}, ${formatDuration(report.durationMs)}`;
}
