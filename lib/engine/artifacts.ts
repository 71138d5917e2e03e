import { compileGlob } from '../backends/artifact-selection';
import type { ArtifactStream } from '../backends/backend';
import type { Artifact } from '../model/artifact';
import { AppError, messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Masker } from '../model/masker';
import type { ExportRule } from '../model/node';
import type { ReportSummary } from '../model/report';
import type { ArtifactStore } from '../store/store';
import { maskReport, maskSummary } from './mask-report';
import { type PersistDependencies, persist } from './persist';
import { formatName, largestReportBytes } from './reports/parse-report';
import type { ReportParser } from './reports/report-parser';

/** What an attempt exported: stored as it comes, reports parsed; what is wrong is kept as sentences. */
export interface ArtifactCollector {
  take(stream: ArtifactStream): Promise<void>;
  reports(): ReportSummary[];
  /**
   * Once it is known how the step ended: forgets what the export rules want only on the other end, and answers
   * what is kept, what is wrong with it (which fails the step), and what a person should know beside.
   */
  settle(on: 'success' | 'failure'): Promise<{ events: NewEvent[]; problems: string[]; warnings: string[] }>;
}

interface Target {
  executionId: string;
  stepId: string;
  attempt: number;
  maxBytes: number;
  abandoned: AbortSignal;
  masker: Masker;
  /** How long a store without space is waited for. */
  noSpaceMs: number;
}

export function createArtifactCollector(
  deps: PersistDependencies & { artifacts: ArtifactStore; reports: Pick<ReportParser, 'parse'> },
  target: Target,
  rules: readonly ExportRule[],
): ArtifactCollector {
  const { artifacts } = deps;
  const { executionId, stepId, attempt, masker } = target;
  const compiled = rules.map((rule) => ({ rule, matches: compileGlob(rule.path) }));
  const taken: { path: string; artifact: Artifact; report: ReportSummary | null }[] = [];
  const invalid: { path: string; sentence: string }[] = [];
  const lost: { path: string; why: string }[] = [];

  function onStore<T>(work: () => Promise<T>): Promise<T> {
    const what = { execution: executionId, step: stepId };
    return persist(deps, what, target.abandoned, work, undefined, target.noSpaceMs);
  }

  async function take({ path, format, bytes, content }: ArtifactStream): Promise<void> {
    // What fits into memory can be stored again after the store was away; what does not has one chance.
    const masked = masker.bytes(content);
    const whole = bytes <= largestReportBytes ? await readWhole(masked) : null;
    const key = { stepId, attempt, path: masker.text(path), format };
    const artifact = whole
      ? await onStore(() => artifacts.put(executionId, key, onlyChunk(whole), target.maxBytes))
      : await artifacts.put(executionId, key, masked, target.maxBytes);
    const kept: (typeof taken)[number] = { path, artifact, report: null };
    taken.push(kept);
    if (format === 'file') return;
    const parsed = await deps.reports.parse({
      format,
      content: whole,
      attempt,
      artifactId: artifact.id,
      path,
    });
    if ('problem' in parsed) {
      invalid.push({
        path,
        sentence: `the report ${path} is not valid ${formatName(format)}: ${parsed.problem}`,
      });
      return;
    }
    await onStore(() => artifacts.saveReport(artifact.id, maskReport(parsed.report, masker)));
    kept.report = maskSummary(parsed.summary, masker);
  }

  return {
    async take(stream) {
      try {
        await take(stream);
      } catch (error) {
        if (error instanceof AppError && error.code === 'fenced') throw error;
        lost.push({ path: stream.path, why: messageOf(error) });
      }
    },
    reports: () => taken.flatMap(({ report }) => report ?? []),
    async settle(on) {
      const inForce = compiled.filter(({ rule }) => rule.on === 'always' || rule.on === on);
      const isWanted = ({ path }: { path: string }) => inForce.some(({ matches }) => matches(path));
      const isRequired = ({ path }: { path: string }) =>
        inForce.some(({ rule, matches }) => rule.required && matches(path));
      const events: NewEvent[] = [];
      for (const { path, artifact, report } of taken) {
        if (!isWanted({ path })) {
          await onStore(() => artifacts.remove(executionId, artifact.id));
          continue;
        }
        events.push({ type: 'step.artifact', stepId, attempt, artifact });
        if (report) events.push({ type: 'step.report', stepId, attempt, report });
      }
      const came = [...taken, ...lost];
      const missing = inForce
        .filter(({ rule, matches }) => rule.required && !came.some(({ path }) => matches(path)))
        .map(({ rule }) => `the required ${noun(rule.format)} ${rule.path} was not written`);
      const sentence = ({ path, why }: (typeof lost)[number]) => `${path} could not be kept: ${why}`;
      return {
        events,
        problems: [
          ...invalid.filter(isWanted).map((each) => each.sentence),
          ...lost.filter(isRequired).map((each) => `the required ${sentence(each)}`),
          ...missing,
        ],
        warnings: lost.filter((each) => isWanted(each) && !isRequired(each)).map(sentence),
      };
    },
  };
}

function noun(format: ExportRule['format']): string {
  return format === 'file' ? 'file' : 'report';
}

async function readWhole(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* onlyChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
