import type { Backend, StepOutcome, StepWatch } from '../backends/backend';
import type { CaseInputs } from '../model/cases/case-record';
import { AppError, messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Attempt } from '../model/execution';
import type { Masker } from '../model/masker';
import type { Outputs } from '../model/outputs';
import type { Plan } from '../model/plan';
import { staysUp } from '../model/step-kind';
import type { StepSpec } from '../model/step-spec';
import type { StepTracing } from '../model/telemetry';
import type { RegistryLogins, Secrets } from '../secrets/secrets';
import type { Fence, Store } from '../store/store';
import { type ArtifactCollector, createArtifactCollector } from './artifacts';
import { type AttemptLimit, limitAttempt } from './attempt-limit';
import { withProbes } from './attempt-spec';
import type { EngineLimits } from './engine';
import { evaluateAttempt, type Verdict } from './evaluate-attempt';
import { explainError, explainResult } from './explain-end';
import { createLogChecks, type LogChecks } from './log-checks';
import { createLogWriter, type LogWriter } from './log-writer';
import { openInput } from './open-input';
import { createLastLines, explainOutput, type LastLines } from './output-hints';
import { createPhaseRecorder } from './phase-recorder';
import type { Recorder } from './recorder';
import type { ReportParser } from './reports/report-parser';
import { readResumePoint } from './resume-point';
import { type RetryDependencies, retryStore } from './retry-store';
import type { StepEnds } from './step-ends';
import type { StopController } from './stop-controller';
import { superviseAttempt } from './supervise-attempt';
import { createUnfinishedWriter, type UnfinishedWriter } from './unfinished-writer';

/** Longer than a log that is rotated or a database that is vacuumed needs. */
const defaultNoSpaceMs = 60_000;

export interface AttemptDependencies extends RetryDependencies {
  store: Store;
  limits: EngineLimits;
  secrets: Secrets;
  reports: ReportParser;
  logins: Pick<RegistryLogins, 'find'>;
  tracing: StepTracing;
}

export interface AttemptContext {
  plan: Pick<Plan, 'keyLines'>;
  backend: Backend;
  recorder: Recorder;
  fence: Fence;
  masker: Masker;
  ends: StepEnds;
  /** Ends the step; the attempt's own time limit is added to it. */
  stop: StopController;
  /** Ends when the execution is no longer ours: nothing is written any more. */
  abandoned: AbortSignal;
  /** The attempt as recorded, when it was begun by someone before us. */
  adopted: Attempt | null;
  /** Of the run: the results of its test cases are stored with them. */
  inputs: CaseInputs;
  onRunning(): void;
  onReady(): void;
  /** Its program has ended; what it left is being collected. */
  onCollecting(): void;
}

export interface AttemptEnd extends Verdict {
  warnings: string[];
  /** What it exported: to be recorded with its end. */
  exports: NewEvent[];
  /** What it wrote into `$GANTRY_OUTPUT`, when it has passed. */
  outputs?: Outputs;
  /** It was a service or mock and got ready. */
  wasReady: boolean;
  /** To try again would end in the same way. */
  isFinal?: boolean;
}

interface Attendance {
  spec: StepSpec;
  limit: AttemptLimit;
  checks: LogChecks;
  lastLines: LastLines;
  writer: LogWriter;
  unfinished: UnfinishedWriter;
  collector: ArtifactCollector;
  openInput: NonNullable<StepWatch['openInput']>;
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
  const noSpaceMs = limits.noSpaceMs ?? defaultNoSpaceMs;
  const target = { executionId, stepId, attempt, abandoned, masker, noSpaceMs };
  const resume = adopted
    ? await retryStore(deps, { execution: executionId, step: stepId }, abandoned, () =>
        readResumePoint(store.logs, checks, spec),
      )
    : null;
  const limit = limitAttempt(deps, context.stop, node, adopted);
  const attendance: Attendance = {
    spec,
    limit,
    checks,
    lastLines: createLastLines(),
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
    unfinished: createUnfinishedWriter(
      { ...deps, logs: store.logs },
      { ...target, isAdopted: adopted !== null },
    ),
    collector: createArtifactCollector(
      { ...deps, artifacts: store.artifacts, cases: store.cases },
      {
        ...target,
        suiteId: spec.suite.id,
        inputs: context.inputs,
        kind: node.kind,
        maxBytes: limits.maxArtifactBytes,
        maxReportBytes: limits.maxReportBytes,
        reportsBefore: () =>
          store.executions.lastPassedReports({ suiteId: spec.suite.id, profile: spec.profile, stepId }),
      },
      node.exports,
    ),
    openInput: (input) => openInput(store.artifacts, input),
    wasReady: adopted?.readyAt != null,
  };
  const phases = createPhaseRecorder(deps, context.recorder, stepId, attempt);
  try {
    if (attendance.wasReady) context.onReady();
    const watch: StepWatch = {
      ...makeWatch(context, attendance, phases),
      registryLogin: (host) => deps.logins.find(host),
      onPhase(phase) {
        if (phase.name === 'collecting') context.onCollecting();
        phases.see(phase);
      },
    };
    const outcome = await superviseAttempt(
      deps,
      context.backend,
      withProbes(spec),
      resume ? { ...watch, resumeAfter: resume.position, wasRunning: adopted?.runningAt != null } : watch,
    );
    if (abandoned.aborted || limit.requested()?.request.why === 'detached') return null;
    await attendance.writer.close();
    return await judge(attendance, outcome, context);
  } catch (error) {
    if (abandoned.aborted || (error instanceof AppError && error.code === 'fenced')) return null;
    logger.warn(
      { execution: executionId, step: stepId, attempt, error: masker.cutText(messageOf(error)) },
      'an attempt could not be run',
    );
    return await failAttempt(attendance, error, context);
  } finally {
    limit.end();
    phases.end();
    await attendance.unfinished.end();
    await attendance.writer.abandon();
  }
}

function makeWatch(
  { recorder, adopted, onRunning, onReady }: AttemptContext,
  attendance: Attendance,
  phases: { pass(): void },
): Omit<StepWatch, 'onPhase'> {
  const { spec, limit, checks, lastLines, writer, unfinished, collector } = attendance;
  const { stepId, attempt, node } = spec;
  let isRunning = adopted?.runningAt != null;
  if (isRunning) limit.start();
  // Rejects only when the execution is no longer ours: then all of the run is being dropped.
  const record = (event: NewEvent) => void recorder.record(event).catch(() => undefined);
  return {
    signal: limit.signal,
    onRunning(releasedFrom) {
      if (isRunning) return;
      isRunning = true;
      phases.pass();
      limit.start();
      record({ type: 'attempt.running', stepId, attempt, ...(releasedFrom ? { releasedFrom } : {}) });
      onRunning();
    },
    onReady() {
      if (attendance.wasReady || !staysUp(node.kind)) return;
      attendance.wasReady = true;
      phases.pass();
      record({ type: 'attempt.ready', stepId, attempt });
      onReady();
    },
    onLines(lines) {
      checks.see(lines);
      lastLines.see(lines);
      return writer.write(lines);
    },
    onUnfinished: unfinished.see,
    onArtifact: (artifact) => collector.take(artifact),
    openInput: attendance.openInput,
  };
}

async function judge(
  attendance: Attendance,
  given: StepOutcome,
  context: AttemptContext,
): Promise<AttemptEnd> {
  const { backend, stop } = context;
  const { text, cutText } = context.masker;
  const { spec, limit, checks, lastLines, collector, wasReady } = attendance;
  const asked = limit.requested();
  context.ends.note(spec.stepId, given);
  // Before they become parts of a sentence that quotes and shortens them.
  const outcome = {
    ...given,
    reason: given.reason === null ? null : cutText(given.reason),
    warnings: given.warnings.map(cutText),
  };
  const forbiddenLine = checks.forbiddenLine();
  const hint = explainOutput(spec.node, lastLines.texts(), backend.hardening ?? null);
  const evidence = {
    stop: asked?.request ?? null,
    stopReason: asked?.sentence ?? null,
    wasReady,
    neededUntilMs: context.ends.neededUntilMs(spec.stepId, given.endClock),
    forbiddenLine: forbiddenLine === null ? null : text(forbiddenLine),
    missingLogs: checks.missing(),
    hint: hint?.sentence ?? null,
    reports: await collector.reports(outcome.exitCode),
  };
  const bare = evaluateAttempt(spec.node, outcome, { ...evidence, exportProblems: [] });
  const hasPassed = bare.status === 'passed';
  const notExported = outcome.notExported ?? [];
  const settled = await collector.settle(hasPassed ? 'success' : 'failure', outcome.exitCode, notExported);
  const { end, status, result } = hasPassed
    ? evaluateAttempt(spec.node, outcome, { ...evidence, exportProblems: settled.problems })
    : bare;
  const warnings = [...outcome.warnings, ...settled.warnings, ...(hasPassed ? [] : settled.problems)];
  const isSuiteLimit = stop.requested()?.request.why === 'timed_out';
  const bad = { node: spec.node, outcome, hint, lines: lastLines.lines(), isSuiteLimit };
  return {
    status,
    result: explainResult(result, end, bad, context),
    warnings,
    exports: settled.events,
    ...(status === 'passed' && Object.keys(settled.outputs).length > 0 ? { outputs: settled.outputs } : {}),
    wasReady,
  };
}

/** The backend or the store could not do its part; what was printed and exported until then is kept. */
async function failAttempt(
  { spec, writer, collector, wasReady }: Attendance,
  error: unknown,
  { plan }: AttemptContext,
): Promise<AttemptEnd> {
  const bare = { exitCode: null, signal: null, oomKilled: false, reason: messageOf(error) };
  const result = explainError(bare, error, { plan, node: spec.node });
  try {
    await writer.close();
    const { events, warnings } = await collector.settle('failure', null, []);
    return { status: 'errored', result, warnings, exports: events, wasReady };
  } catch (second) {
    const warnings = [`what it left could not be stored: ${messageOf(second)}`];
    return { status: 'errored', result, warnings, exports: [], wasReady };
  }
}
