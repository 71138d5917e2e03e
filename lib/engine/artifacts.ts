import { compileGlob } from '../backends/artifact-selection';
import type { ArtifactStream } from '../backends/backend';
import type { Artifact, NotExported } from '../model/artifact';
import type { CaseInputs } from '../model/cases/case-record';
import { messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Masker } from '../model/masker';
import type { ExportRule, StepKind } from '../model/node';
import { type Outputs, outputFile } from '../model/outputs';
import type { Report, ReportSummary } from '../model/report';
import { isTestReport, isTestSummary } from '../model/report-kind';
import { staysUp } from '../model/step-kind';
import { countMuted } from '../model/test-case';
import type { ArtifactStore } from '../store/artifact-store';
import type { CaseStore } from '../store/case-store';
import { caseIdOf } from './cases/case-id';
import { resultsOf } from './cases/case-results';
import { formatNotExported, missingExports } from './missing-exports';
import { type ReadOutputs, readOutputs } from './read-outputs';
import { checkExports } from './reports/check-exports';
import { artifactFormat, peek } from './reports/collect-report';
import { hintAtReport } from './reports/hint-at-reports';
import { createReportKeeper, type KeptReport } from './reports/keep-reports';
import type { ReportParser } from './reports/report-parser';
import { type RetryDependencies, retryStore } from './retry-store';
import { createArtifactWriter, onlyChunk, throwIfFenced } from './store-artifacts';

/** What an attempt exported: stored as it comes, reports parsed; what is wrong is kept as sentences. */
export interface ArtifactCollector {
  take(stream: ArtifactStream): Promise<void>;
  /** `exitCode` of the attempt: some tools count as an error what they do not fail because of. */
  reports(exitCode: number | null): Promise<ReportSummary[]>;
  /**
   * Once it is known how the step ended: removes what the export rules want only on the other end, and answers
   * what is kept, what is wrong with it (which fails the step), and what a person should know beside.
   */
  settle(
    on: 'success' | 'failure',
    exitCode: number | null,
    notExported: readonly NotExported[],
  ): Promise<{ events: NewEvent[]; outputs: Outputs; problems: string[]; warnings: string[] }>;
}

interface Target {
  executionId: string;
  suiteId: string;
  inputs: CaseInputs;
  stepId: string;
  kind: StepKind;
  attempt: number;
  maxBytes: number;
  /** Larger reports are kept and not read. */
  maxReportBytes: number;
  abandoned: AbortSignal;
  masker: Masker;
  /** How long a store without space is waited for. */
  noSpaceMs: number;
  /** The reports of the same step in the last run that passed. */
  reportsBefore(): Promise<ReportSummary[]>;
}

/** A file of at most this size is held, so that it can be stored again after the store was away. */
const maxHeldBytes = 20 * 1024 * 1024;
const maxHints = 3;

interface Taken {
  path: string;
  artifact: Artifact;
}

export function createArtifactCollector(
  deps: RetryDependencies & {
    artifacts: ArtifactStore;
    cases: Pick<CaseStore, 'add' | 'muted'>;
    reports: Pick<ReportParser, 'parse'>;
  },
  target: Target,
  rules: readonly ExportRule[],
): ArtifactCollector {
  const { artifacts } = deps;
  const { executionId, suiteId, stepId, attempt, masker } = target;
  const compiled = rules.map((rule) => ({ rule, matches: compileGlob(rule.path) }));
  const taken: Taken[] = [];
  const invalid: { path: string; sentence: string }[] = [];
  const lost: { path: string; why: string }[] = [];
  const hints: string[] = [];
  let written: ReadOutputs = { outputs: {}, problems: [] };
  const reports = createReportKeeper(masker, {
    attempt,
    save: (id, report: Report) => onStore(() => artifacts.saveReport(id, report)),
    async findMuted() {
      const ids = await onStore(() => deps.cases.muted(suiteId, stepId));
      return (identity) => ids.has(caseIdOf(suiteId, stepId, identity));
    },
  });

  function onStore<T>(work: () => Promise<T>): Promise<T> {
    const what = { execution: executionId, step: stepId };
    return retryStore(deps, what, target.abandoned, work, undefined, target.noSpaceMs);
  }

  const writer = createArtifactWriter(artifacts, executionId, target.maxBytes, onStore);

  async function take({ path, format: asked, bytes, content: given }: ArtifactStream): Promise<void> {
    const { head, content } = await peek(masker.bytes(given));
    if (!compiled.some(({ matches }) => matches(path))) return hintAt(path, head, content);
    if (bytes > target.maxBytes) {
      lost.push({ path, why: tooLarge(bytes, target.maxBytes) });
      return;
    }
    const isNamed = rules.some((rule) => rule.path === path);
    const format = artifactFormat(asked, path, isNamed, head);
    // What fits into memory can be stored again after the store was away; what does not has one chance.
    const whole = bytes <= maxHeldBytes ? await readWhole(content) : null;
    const key = { stepId, attempt, path: masker.text(path), format };
    if (whole) {
      await writer.add(key, whole, async (stored) => {
        if ('lost' in stored) lost.push({ path, why: stored.lost });
        else await keep({ path, artifact: stored.artifact }, format, whole);
      });
      return;
    }
    await writer.flush();
    const artifact = await artifacts.put(executionId, key, content, target.maxBytes);
    await keep({ path, artifact }, format, null);
  }

  async function keep(file: Taken, format: Artifact['format'], whole: Uint8Array | null): Promise<void> {
    taken.push(file);
    if (format === 'file') return;
    try {
      const problem = await read(file, format, whole);
      if (problem) invalid.push({ path: file.path, sentence: problem });
    } catch (error) {
      throwIfFenced(error);
      lost.push({ path: file.path, why: messageOf(error) });
    }
  }

  async function read(
    { path, artifact }: Taken,
    format: Exclude<Artifact['format'], 'file'>,
    whole: Uint8Array | null,
  ): Promise<string | null> {
    if (artifact.bytes > target.maxReportBytes) {
      const limit = `${Math.floor(target.maxReportBytes / 1024 / 1024)} MB`;
      return `the report ${path} is not read: it is larger than ${limit} (GANTRY_MAX_REPORT_MB)`;
    }
    const parsed = whole
      ? await deps.reports.parse(format, onlyChunk(whole))
      : await onStore(async () => {
          const opened = await artifacts.open(executionId, artifact.id);
          return opened
            ? deps.reports.parse(format, opened.content)
            : { problem: 'it is not there any more' };
        });
    return reports.keep({ path, artifact }, format, parsed);
  }

  /** A file that no rule of the suite names. */
  async function hintAt(path: string, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const _ of content);
    const hint = hints.length < maxHints ? hintAtReport(masker.text(path), head) : null;
    if (hint) hints.push(hint);
  }

  async function storeResults(kept: readonly KeptReport[]): Promise<void> {
    const at = deps.clock.now().toISOString();
    for (const { summary } of kept) {
      if (!isTestSummary(summary)) continue;
      const { artifactId, path } = summary;
      const origin = { executionId, suiteId, stepId, attempt, path, artifactId, at, inputs: target.inputs };
      try {
        await onStore(async () => {
          const report = await artifacts.report(artifactId);
          if (report && isTestReport(report)) await deps.cases.add(resultsOf(origin, report));
        });
      } catch (error) {
        throwIfFenced(error);
        hints.push(`the results in ${path} are not in the history of their cases: ${messageOf(error)}`);
      }
    }
  }

  return {
    async take(stream) {
      try {
        if (stream.path === outputFile) written = await readOutputs(stream.content, masker);
        else await take(stream);
      } catch (error) {
        throwIfFenced(error);
        lost.push({ path: stream.path, why: messageOf(error) });
      }
    },
    async reports(exitCode) {
      await writer.flush();
      return reports.summaries(exitCode).map(({ summary }) => summary);
    },
    async settle(on, exitCode, notExported) {
      await writer.flush();
      const inForce = compiled.filter(({ rule }) => rule.on === 'always' || rule.on === on);
      const isWanted = ({ path }: { path: string }) => inForce.some(({ matches }) => matches(path));
      const isRequired = ({ path }: { path: string }) =>
        inForce.some(({ rule, matches }) => rule.required && matches(path));
      const settled = await reports.settle(exitCode);
      const unwanted = taken.filter((each) => !isWanted(each)).map(({ artifact }) => artifact.id);
      if (unwanted.length > 0) await onStore(() => artifacts.remove(executionId, unwanted));
      await storeResults(settled.filter(({ paths }) => paths.some((path) => isWanted({ path }))));
      const events: NewEvent[] = [];
      for (const { path, artifact } of taken) {
        if (!isWanted({ path })) continue;
        events.push({ type: 'step.artifact', stepId, attempt, artifact });
        for (const { summary } of settled.filter((each) => each.summary.artifactId === artifact.id))
          events.push({ type: 'step.report', stepId, attempt, report: summary });
      }
      const came = [...taken, ...lost].map(({ path }) => path);
      const read = [
        ...settled.flatMap(({ paths }) => paths),
        ...[...invalid, ...lost].map(({ path }) => path),
      ];
      const matched = inForce.map(({ rule, matches }) => ({
        rule,
        reports: settled.filter(({ paths }) => paths.some(matches)).map(({ summary }) => summary),
      }));
      const looksBack = matched.some(({ rule }) => rule.coverage?.drop !== undefined);
      const before = looksBack ? await onStore(() => target.reportsBefore()) : [];
      const checked = checkExports(matched, target.kind, before);
      const missing = missingExports(inForce, came, read, notExported);
      const isNamed = (each: NotExported) => missing.some(({ because }) => because === each);
      const sentence = ({ path, why }: (typeof lost)[number]) => `${path} could not be kept: ${why}`;
      const outputs = on === 'success' && !staysUp(target.kind) ? written : null;
      return {
        events,
        outputs: outputs?.outputs ?? {},
        problems: [
          ...(outputs?.problems ?? []),
          ...invalid.filter(isWanted).map((each) => each.sentence),
          ...lost.filter(isRequired).map((each) => `the required ${sentence(each)}`),
          ...missing.map((each) => each.sentence),
          ...checked.problems,
        ],
        warnings: [
          ...lost.filter((each) => isWanted(each) && !isRequired(each)).map(sentence),
          ...checked.warnings,
          ...notExported.filter((each) => isWanted(each) && !isNamed(each)).map(formatNotExported),
          ...settled.flatMap(({ summary }) => mutedSentence(summary)),
          ...hints,
        ],
      };
    },
  };
}

function tooLarge(bytes: number, maxBytes: number): string {
  return `it has ${bytes} bytes, more than the limit of ${maxBytes} (GANTRY_MAX_ARTIFACT_MB), and was not copied`;
}

function mutedSentence(summary: ReportSummary): string[] {
  const count = isTestSummary(summary) ? countMuted(summary) : 0;
  if (count === 0) return [];
  return [`${count === 1 ? '1 failed case is' : `${count} failed cases are`} muted in ${summary.path}`];
}

async function readWhole(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
