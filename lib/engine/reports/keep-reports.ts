import type { Artifact } from '../../model/artifact';
import type { Masker } from '../../model/masker';
import {
  type CaseIdentity,
  formatTitles,
  type Report,
  type ReportSummary,
  type TestReport,
} from '../../model/report';
import { isTestReport } from '../../model/report-kind';
import { maskReport } from '../mask-report';
import { damageSentence, joinAllure } from './collect-report';
import { markMuted } from './mark-muted';
import type { ParsedReport, WantedFormat } from './parse-report';
import { hasTentative, settleTentative, summarize } from './summarize';

interface Source {
  path: string;
  artifact: Artifact;
}

/** A report of an attempt with the files that it came from. */
export interface KeptReport {
  paths: string[];
  summary: ReportSummary;
}

/** The reports of one attempt, each stored with its artifact as soon as nothing about it is open any more. */
export interface ReportKeeper {
  /** Answers what is wrong with the report, in a sentence; what could be read of it is kept all the same. */
  keep(source: Source, wanted: WantedFormat, parsed: ParsedReport): Promise<string | null>;
  summaries(exitCode: number | null): KeptReport[];
  /** Stores what waited for the exit code. */
  settle(exitCode: number | null): Promise<KeptReport[]>;
}

export function createReportKeeper(
  masker: Masker,
  deps: {
    attempt: number;
    save(artifactId: string, report: Report): Promise<void>;
    /** Answers which cases of the step are muted. Called before the first report is kept. */
    findMuted(): Promise<(identity: CaseIdentity) => boolean>;
  },
): ReportKeeper {
  const kept: { source: Source; summary: ReportSummary; open: TestReport | null }[] = [];
  const allure: { source: Source; report: TestReport }[] = [];
  let muted: Promise<(identity: CaseIdentity) => boolean> | null = null;

  const summaryOf = ({ path, artifact }: Source, report: Report) =>
    summarize(report, { attempt: deps.attempt, artifactId: artifact.id, path: masker.text(path) });

  function allureSummary(): { kept: KeptReport; report: TestReport } | null {
    const [first] = allure;
    if (!first) return null;
    const report = joinAllure(allure.map((each) => each.report));
    const folder = first.source.path.replace(/[^/]*$/, '');
    const source = { ...first.source, path: folder === '' ? first.source.path : folder };
    const paths = allure.map((each) => each.source.path);
    return { kept: { paths, summary: summaryOf(source, report) }, report };
  }

  const summaries = (exitCode: number | null): KeptReport[] => [
    ...kept.map(({ source, summary, open }) => ({
      paths: [source.path],
      summary: open ? summaryOf(source, settleTentative(open, exitCode)) : summary,
    })),
    ...[allureSummary()?.kept ?? []].flat(),
  ];

  return {
    async keep(source, wanted, parsed) {
      if ('problem' in parsed) return problemSentence(source.path, wanted, parsed.problem);
      muted ??= deps.findMuted();
      const report = markMuted(maskReport(parsed.report, masker), await muted);
      if (report.format === 'allure' && isTestReport(report)) {
        allure.push({ source, report });
        return null;
      }
      const open = hasTentative(report) ? report : null;
      if (!open) await deps.save(source.artifact.id, report);
      kept.push({ source, summary: summaryOf(source, report), open });
      return isTestReport(report) ? damageSentence(source.path, report.format, report) : null;
    },
    summaries,
    async settle(exitCode) {
      for (const { source, open } of kept)
        if (open) await deps.save(source.artifact.id, settleTentative(open, exitCode));
      const joined = allureSummary();
      if (joined) await deps.save(joined.kept.summary.artifactId, joined.report);
      return summaries(exitCode);
    },
  };
}

function problemSentence(path: string, wanted: WantedFormat, problem: string): string {
  return wanted === 'auto'
    ? `the report ${path} could not be read: ${problem}`
    : `the report ${path} is not valid ${formatTitles[wanted]}: ${problem}`;
}
