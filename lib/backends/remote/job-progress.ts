import { abilitiesOf, neededAbilities } from '../../model/agent';
import { AppError } from '../../model/errors';
import { stepPhase } from '../../model/execution';
import type { LogStream, UnfinishedLine } from '../../model/log-line';
import type { Plan } from '../../model/plan';
import type { StepSpec } from '../../model/step-spec';
import type { JobState } from '../../store/agent-store';
import { defaultWaitMs, type StepWatch } from '../backend';
import type { RemoteDependencies } from './dependencies';
import { explainWait, neededTags } from './explain-wait';

/** A job that waits longer than this says why. */
const explainAfterMs = 1_000;
const explainAgainMs = 2_000;
/** One that has waited for longer says it less often: each of its answers is asked of all agents, and is kept. */
const longWaitMs = 20_000;
const explainLongWaitMs = 20_000;
const leastRecheckMs = 500;

/** Tells the engine how a job stands, each thing once. */
export interface JobProgress {
  /** Rejects with AppError `backend_unavailable` when no agent has taken it for as long as its suite lets it wait. */
  report(job: JobState): Promise<void>;
  /** The program has printed or ended: it runs, or did, whether or not the agent has said so. */
  beforeOutput(): void;
  /** When to look again although nothing rang; null for no reason to. */
  recheckMs(job: JobState): number | null;
}

export function createJobProgress(
  { clock, jobs, agents, executions }: Pick<RemoteDependencies, 'clock' | 'jobs' | 'agents' | 'executions'>,
  { offlineAfterMs }: { offlineAfterMs: number },
  step: StepSpec,
  watch: Pick<StepWatch, 'onPhase' | 'onRunning' | 'onReady' | 'onUnfinished'>,
): JobProgress {
  const submittedMs = clock.monotonicMs();
  /** Since when it has waited for nothing but an agent. */
  let startedMs = submittedMs;
  let isOnBusyAgent = false;
  let explainedMs = Number.NEGATIVE_INFINITY;
  let nodes: Plan['nodes'] | null = null;
  let reportedPhase = '';
  let isRunning = false;
  let isReady = false;
  const reportUnfinished = createUnfinishedReport(watch);

  function phase(name: string, detail: string | null): void {
    const parsed = stepPhase.shape.name.safeParse(name);
    const key = `${name} ${detail}`;
    if (!parsed.success || key === reportedPhase) return;
    reportedPhase = key;
    watch.onPhase({ name: parsed.data, detail });
  }

  async function whyItWaits(): Promise<string> {
    const [environment] = await jobs.environments(offlineAfterMs, step.executionId);
    const agent = environment?.agent;
    isOnBusyAgent = agent?.isOnline === true;
    if (agent?.isOnline) return `waiting for room on agent ${agent.id}`;
    const all = await agents.list(offlineAfterMs);
    if (!agent) {
      nodes ??= (await executions.plan(step.executionId))?.nodes ?? [];
      const abilities = neededAbilities(nodes);
      return explainWait(step.executionId, all, neededTags(nodes), ({ version }) => {
        const able = abilitiesOf(version);
        return abilities.some((ability) => !able.includes(ability));
      });
    }
    const since = all.find(({ id }) => id === agent.id)?.lastSeenAt;
    return `waiting for agent ${agent.id}, which is offline${since ? ` since ${since}` : ''}`;
  }

  /** Steps that only wait for others of their own execution are not late. */
  async function checkPatience(job: JobState, why: string): Promise<void> {
    const limitMs = step.waitTimeoutMs ?? defaultWaitMs;
    if (isOnBusyAgent) startedMs = clock.monotonicMs();
    if (clock.monotonicMs() - startedMs < limitMs) return;
    // An agent may have taken it just now.
    if (!(await jobs.withdraw(job.id))) return;
    throw new AppError(
      'backend_unavailable',
      `No agent took step ${step.stepId} within ${limitMs / 1000} s (\`waits.timeout\`): ${why}.`,
    );
  }

  /** From one explanation to the next. */
  function pauseMs(): number {
    const limitMs = step.waitTimeoutMs ?? defaultWaitMs;
    const waitedMs = clock.monotonicMs() - startedMs;
    const usualMs = waitedMs < longWaitMs ? explainAgainMs : explainLongWaitMs;
    return Math.max(leastRecheckMs, Math.min(usualMs, limitMs - waitedMs));
  }

  function running(): void {
    if (isRunning) return;
    isRunning = true;
    watch.onRunning();
  }

  return {
    async report(job) {
      if (job.state === 'queued') {
        const nowMs = clock.monotonicMs();
        if (nowMs - submittedMs <= explainAfterMs || nowMs - explainedMs < pauseMs()) return;
        explainedMs = nowMs;
        const why = await whyItWaits();
        phase('preparing', why);
        await checkPatience(job, why);
      } else {
        // Where it is given back, it waits anew.
        startedMs = clock.monotonicMs();
        if (job.phase) phase(job.phase.name, job.phase.detail);
      }
      if (job.isRunning) running();
      if (job.unfinished) reportUnfinished(job.unfinished);
      if (job.isReady && !isReady) {
        isReady = true;
        watch.onReady();
      }
    },
    beforeOutput: running,
    recheckMs(job) {
      if (job.state !== 'queued') return null;
      const isNew = clock.monotonicMs() - submittedMs < explainAfterMs;
      return isNew ? explainAfterMs + 100 : pauseMs() + 10;
    },
  };
}

/** Tells of each stream's unfinished line once. */
function createUnfinishedReport(
  watch: Pick<StepWatch, 'onUnfinished'>,
): (lines: readonly UnfinishedLine[]) => void {
  const unfinished = new Map<LogStream, string>();
  return (lines) => {
    const reported = new Map(lines.map(({ stream, text }) => [stream, text]));
    for (const stream of new Set([...unfinished.keys(), ...reported.keys()])) {
      const text = reported.get(stream) ?? '';
      if (text !== (unfinished.get(stream) ?? '')) watch.onUnfinished?.({ stream, text });
      unfinished.set(stream, text);
    }
  };
}
