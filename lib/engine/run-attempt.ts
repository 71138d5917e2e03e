import type { Backend, StepOutcome, StepWatch } from '../backends/backend';
import { AppError, messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Attempt } from '../model/execution';
import type { Masker } from '../model/masker';
import { staysUp } from '../model/node';
import type { StepSpec } from '../model/step-spec';
import type { Secrets } from '../secrets/secrets';
import type { Fence, Store } from '../store/store';
import { type ArtifactCollector, createArtifactCollector } from './artifacts';
import { type AttemptLimit, limitAttempt } from './attempt-limit';
import { runAttended } from './attended-run';
import type { EngineLimits } from './engine';
import { evaluate, type Verdict } from './evaluate';
import { createLogChecks, type LogChecks } from './log-checks';
import { createLogWriter, type LogWriter } from './log-writer';
import { type PersistDependencies, persist } from './persist';
import { createPhaseRecorder } from './phase-recorder';
import type { Recorder } from './recorder';
import type { ReportParser } from './reports/report-parser';
import { readResumePoint } from './resume-point';
import type { StopSwitch } from './stop-switch';

/** Longer than a log that is rotated or a database that is vacuumed needs. */
const usualNoSpaceMs = 60_000;

export interface AttemptDependencies extends PersistDependencies {
  store: Store;
  limits: EngineLimits;
  secrets: Secrets;
  reports: ReportParser;
}

export interface AttemptContext {
  backend: Backend;
  recorder: Recorder;
  fence: Fence;
  masker: Masker;
  /** Ends the step; the attempt's own time limit is added to it. */
  stop: StopSwitch;
  /** Ends when the execution is no longer ours: nothing is written any more. */
  abandoned: AbortSignal;
  /** The attempt as recorded, when it was begun by someone before us. */
  adopted: Attempt | null;
  onReady(): void;
}

export interface AttemptEnd extends Verdict {
  warnings: string[];
  /** What it exported: to be recorded with its end. */
  exports: NewEvent[];
  /** It was a service or mock and got ready. */
  wasReady: boolean;
}

interface Attendance {
  spec: StepSpec;
  limit: AttemptLimit;
  checks: LogChecks;
  writer: LogWriter;
  collector: ArtifactCollector;
  wasReady: boolean;
}

/**
 * One attempt, from the backend's call to its verdict, with its lines and artifacts stored. `attempt.started`
 * is committed before this is called. Null: it was handed over and goes on without us.
 */
export async function runAttempt(
  deps: AttemptDependencies,
  context: AttemptContext,
  spec: StepSpec,
): Promise<AttemptEnd | null> {
  const { store, limits, logger } = deps;
  const { executionId, stepId, attempt, node } = spec;
  const { abandoned, adopted, masker } = context;
  const checks = createLogChecks(node);
  const noSpaceMs = limits.noSpaceMs ?? usualNoSpaceMs;
  const target = { executionId, stepId, attempt, abandoned, masker, noSpaceMs };
  const resume = adopted
    ? await persist(deps, { execution: executionId, step: stepId }, abandoned, () =>
        readResumePoint(store.logs, checks, spec),
      )
    : null;
  const limit = limitAttempt(deps, context.stop, node, adopted);
  const attendance: Attendance = {
    spec,
    limit,
    checks,
    writer: createLogWriter(
      { ...deps, logs: store.logs },
      {
        ...target,
        fence: context.fence,
        maxBytes: limits.maxLogBytesPerStep,
        afterSeq: resume?.lastSeq ?? 0,
        keptBytes: resume?.keptBytes ?? 0,
        // The end is `errored` all the same: the writer's `close` rejects.
        onNoSpace: (error) => limit.request('cancelled', node.graceMs, messageOf(error)),
      },
    ),
    collector: createArtifactCollector(
      { ...deps, artifacts: store.artifacts },
      { ...target, maxBytes: limits.maxArtifactBytes },
      node.exports,
    ),
    wasReady: adopted?.readyAt != null,
  };
  const phases = createPhaseRecorder(deps, context.recorder, stepId, attempt);
  try {
    if (attendance.wasReady) context.onReady();
    const watch = { ...makeWatch(context, attendance), onPhase: phases.see };
    const outcome = await runAttended(
      deps,
      context.backend,
      spec,
      resume ? { ...watch, resumeAfter: resume.position } : watch,
    );
    if (abandoned.aborted || limit.asked()?.request.why === 'handed_over') return null;
    await attendance.writer.close();
    return await judge(attendance, outcome, masker);
  } catch (error) {
    if (abandoned.aborted || (error instanceof AppError && error.code === 'fenced')) return null;
    logger.warn(
      { execution: executionId, step: stepId, attempt, error: masker.cutText(messageOf(error)) },
      'an attempt could not be run',
    );
    return await failAttempt(attendance, error);
  } finally {
    limit.end();
    phases.end();
    await attendance.writer.abandon();
  }
}

function makeWatch(
  { recorder, adopted, onReady }: AttemptContext,
  attendance: Attendance,
): Omit<StepWatch, 'onPhase'> {
  const { spec, limit, checks, writer, collector } = attendance;
  const { stepId, attempt, node } = spec;
  let isRunning = adopted?.runningAt != null;
  if (isRunning) limit.start();
  // Rejects only when the execution is no longer ours: then all of the run is being dropped.
  const record = (event: NewEvent) => void recorder.record(event).catch(() => undefined);
  return {
    signal: limit.signal,
    onRunning() {
      if (isRunning) return;
      isRunning = true;
      limit.start();
      record({ type: 'attempt.running', stepId, attempt });
    },
    onReady() {
      if (attendance.wasReady || !staysUp(node.kind)) return;
      attendance.wasReady = true;
      record({ type: 'attempt.ready', stepId, attempt });
      onReady();
    },
    onLines(lines) {
      checks.see(lines);
      return writer.write(lines);
    },
    onArtifact: (artifact) => collector.take(artifact),
  };
}

async function judge(
  attendance: Attendance,
  given: StepOutcome,
  { text, cutText }: Masker,
): Promise<AttemptEnd> {
  const { spec, limit, checks, collector, wasReady } = attendance;
  const asked = limit.asked();
  // Before they become parts of a sentence that quotes and shortens them.
  const outcome = {
    ...given,
    reason: given.reason === null ? null : cutText(given.reason),
    warnings: given.warnings.map(cutText),
  };
  const forbiddenLine = checks.forbiddenLine();
  const evidence = {
    stop: asked?.request ?? null,
    stopReason: asked?.sentence ?? null,
    wasReady,
    forbiddenLine: forbiddenLine === null ? null : text(forbiddenLine),
    missingLogs: checks.missing(),
    reports: collector.reports(),
  };
  const bare = evaluate(spec.node, outcome, { ...evidence, exportProblems: [] });
  const hasPassed = bare.status === 'passed';
  const settled = await collector.settle(hasPassed ? 'success' : 'failure');
  const verdict = hasPassed
    ? evaluate(spec.node, outcome, { ...evidence, exportProblems: settled.problems })
    : bare;
  const warnings = [...outcome.warnings, ...settled.warnings, ...(hasPassed ? [] : settled.problems)];
  return { ...verdict, warnings, exports: settled.events, wasReady };
}

/** The backend or the store could not do its part; what was printed and exported until then is kept. */
async function failAttempt({ writer, collector, wasReady }: Attendance, error: unknown): Promise<AttemptEnd> {
  const result = { exitCode: null, signal: null, oomKilled: false, reason: messageOf(error) };
  try {
    await writer.close();
    const { events, warnings } = await collector.settle('failure');
    return { status: 'errored', result, warnings, exports: events, wasReady };
  } catch (second) {
    const warnings = [`what it left could not be stored: ${messageOf(second)}`];
    return { status: 'errored', result, warnings, exports: [], wasReady };
  }
}
