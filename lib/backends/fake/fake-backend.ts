import { type Clock, untilAborted } from '../../clock';
import { AppError } from '../../model/errors';
import type { Plan } from '../../model/plan';
import type { AheadStage } from '../../model/prepared-step';
import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import {
  type Availability,
  type Backend,
  type EnvironmentSpec,
  noLedger,
  type ResourceLedger,
  type StepOutcome,
  type StepWatch,
} from '../backend';
import { type FakeProgram, type FakeStep, startFakeProgram } from './fake-program';
import { watchFakeProgram } from './watch-fake-program';

/** By step id: for every attempt, or one entry an attempt (the last one goes on); or computed from the spec. */
export type FakeScript = Record<string, FakeStep | FakeStep[]> | ((step: StepSpec) => FakeStep);

export interface FakeBackendOptions {
  id?: string;
  check?: () => Availability;
  refuses?: (plan: Plan) => string | null;
  missingImages?: string[];
  /** `openEnvironment` rejects with this, having made half of its things. */
  openRejects?: AppError;
  /** Why no step stands before it runs. */
  preparesOnly?: string;
  /** What `closeEnvironment` cannot remove. */
  leaves?: { kind: 'network' | 'volume' | 'container'; name: string; reason: string }[];
}

export type FakeCall =
  | { name: 'openEnvironment' | 'closeEnvironment'; executionId: string }
  | { name: 'runStep'; executionId: string; stepId: string; attempt: number; adopted: boolean }
  | { name: 'prepareStep' | 'discardStep'; executionId: string; stepId: string; attempt: number };

export interface FakeBackend extends Backend {
  /** In the order in which they came. */
  readonly calls: readonly FakeCall[];
  /** Ids of the steps whose programs run now, watched or not. */
  runningSteps(executionId: string): string[];
}

interface FakeEnvironment {
  spec: EnvironmentSpec;
  createdAt: string;
  programs: Map<
    string,
    { step: StepSpec; program: FakeProgram; outcome: StepOutcome | null; from?: AheadStage }
  >;
  /** Made ready, and neither run nor discarded. */
  ahead: Map<string, { stage: AheadStage; step: StepSpec }>;
  /** How many were discarded. */
  discarded: number;
}

/** A scripted backend that keeps the whole contract without running anything. */
export function createFakeBackend(
  { clock, ledger = noLedger }: { clock: Clock; ledger?: ResourceLedger },
  script: FakeScript = {},
  options: FakeBackendOptions = {},
): FakeBackend {
  const environments = new Map<string, FakeEnvironment>();
  const calls: FakeCall[] = [];
  const watchers = new Set<() => void>();

  function changed(): void {
    for (const watcher of watchers) watcher();
  }

  async function start(environment: FakeEnvironment, step: StepSpec, watch: StepWatch) {
    const stepScript = scriptOf(script, step);
    const from = await takeAhead(environment, step);
    watch.onPhase({ name: 'creating', detail: null });
    if (stepScript.startDelayMs && !from) await clock.sleep(stepScript.startDelayMs, watch.signal);
    if (stepScript.rejects) throw stepScript.rejects;
    if (watch.signal.aborted) return null;
    const { executionId, stepId, attempt: number } = step;
    const intent = { kind: 'container' as const, name: keyOf(step), stepId, attempt: number };
    await ledger.intend(executionId, [intent], watch.signal);
    const program = startFakeProgram({ clock }, stepScript, staysUp(step.node.kind));
    const attempt = { step, program, outcome: null, ...(from ? { from } : {}) };
    environment.programs.set(keyOf(step), attempt);
    ledger.made(executionId, 'container', keyOf(step));
    changed();
    return attempt;
  }

  /** What was made for just this spec; what was made for another one is removed. */
  async function takeAhead(environment: FakeEnvironment, step: StepSpec): Promise<AheadStage | null> {
    const made = environment.ahead.get(keyOf(step));
    environment.ahead.delete(keyOf(step));
    if (!made || JSON.stringify(made.step) === JSON.stringify(step)) return made?.stage ?? null;
    await ledger.removed(step.executionId, 'container', keyOf(step));
    return null;
  }

  return {
    id: options.id ?? 'local',
    kind: 'local',
    calls,
    runningSteps: (executionId) =>
      [...(environments.get(executionId)?.programs.values() ?? [])]
        .filter(({ program }) => !program.end())
        .map(({ step }) => step.stepId),
    check: async () => options.check?.() ?? { available: true, detail: 'scripted' },
    ...(options.refuses ? { refuses: options.refuses } : {}),
    missingImages: async () => options.missingImages ?? [],

    async openEnvironment(spec) {
      calls.push({ name: 'openEnvironment', executionId: spec.executionId });
      if (!environments.has(spec.executionId)) {
        const name = `gantry-${spec.executionId}`;
        await ledger.intend(spec.executionId, [{ kind: 'network', name, stepId: null, attempt: null }]);
        const createdAt = clock.now().toISOString();
        environments.set(spec.executionId, {
          spec,
          createdAt,
          programs: new Map(),
          ahead: new Map(),
          discarded: 0,
        });
        ledger.made(spec.executionId, 'network', name);
        changed();
      }
      if (options.openRejects) throw options.openRejects;
    },

    async runStep(step, watch) {
      const { executionId, stepId, attempt: number } = step;
      const environment = environments.get(executionId);
      const known = environment?.programs.get(keyOf(step));
      calls.push({ name: 'runStep', executionId, stepId, attempt: number, adopted: known !== undefined });
      if (!environment) throw new AppError('backend_failed', `Execution ${executionId} has no environment.`);
      const attempt = known ?? (await start(environment, step, watch));
      if (!attempt) return neverStarted;
      const { outcome, isFinal } = await watchFakeProgram({ clock }, step, attempt, watch);
      if (isFinal) attempt.outcome = outcome;
      return outcome;
    },

    async prepareStep(step, { stage, signal }) {
      const { executionId, stepId, attempt } = step;
      calls.push({ name: 'prepareStep', executionId, stepId, attempt });
      const { startDelayMs } = scriptOf(script, step);
      if (startDelayMs) await clock.sleep(startDelayMs, signal);
      const environment = environments.get(executionId);
      if (!environment || environment.programs.has(keyOf(step))) return { stage: null, reason: null };
      if (options.preparesOnly && stage === 'standing')
        return { stage: 'prepared', reason: options.preparesOnly };
      await ledger.intend(executionId, [{ kind: 'container', name: keyOf(step), stepId, attempt }], signal);
      environment.ahead.set(keyOf(step), { stage, step });
      ledger.made(executionId, 'container', keyOf(step));
      return { stage, reason: null };
    },

    async discardStep(step) {
      const { executionId, stepId, attempt } = step;
      calls.push({ name: 'discardStep', executionId, stepId, attempt });
      const environment = environments.get(executionId);
      if (!environment?.ahead.delete(keyOf(step))) return;
      environment.discarded += 1;
      await ledger.removed(executionId, 'container', keyOf(step));
    },

    async closeEnvironment(executionId, onRemoved) {
      calls.push({ name: 'closeEnvironment', executionId });
      const environment = environments.get(executionId);
      if (!environment) return { created: 0, removed: 0, left: [] };
      environments.delete(executionId);
      for (const [name, { program }] of environment.programs) {
        program.kill();
        onRemoved?.({ kind: 'container', name });
      }
      onRemoved?.({ kind: 'network', name: `gantry-${executionId}` });
      changed();
      const left = options.leaves ?? [];
      for (const name of environment.ahead.keys()) onRemoved?.({ kind: 'container', name });
      const created = environment.programs.size + environment.ahead.size + environment.discarded + 1;
      return { created: created + left.length, removed: created, left };
    },

    async watchEnvironments(onChange, signal) {
      const watcher = () => onChange();
      watchers.add(watcher);
      await untilAborted(signal);
      watchers.delete(watcher);
    },

    async listEnvironments() {
      return [...environments.values()].map(({ spec, createdAt, programs }) => ({
        executionId: spec.executionId,
        suiteId: spec.suiteId,
        profile: spec.profile,
        owner: spec.owner,
        deadline: spec.deadline,
        createdAt,
        resources: [
          { kind: 'network' as const, name: `gantry-${spec.executionId}`, stepId: null, state: null },
          ...[...programs.values()].map(({ step, program }) => ({
            kind: 'container' as const,
            name: keyOf(step),
            stepId: step.stepId,
            state: program.end() ? 'exited' : 'running',
          })),
        ],
      }));
    },
  };
}

const neverStarted: StepOutcome = {
  ended: 'stopped',
  exitCode: null,
  signal: null,
  oomKilled: false,
  reason: 'stopped before its program was started',
  warnings: [],
};

function scriptOf(script: FakeScript, step: StepSpec): FakeStep {
  if (typeof script === 'function') return script(step);
  const own = script[step.stepId] ?? {};
  return Array.isArray(own) ? (own[step.attempt - 1] ?? own.at(-1) ?? {}) : own;
}

function keyOf(step: StepSpec): string {
  return `gantry-${step.executionId}-${step.stepId.replaceAll('/', '_')}-${step.attempt}`;
}
