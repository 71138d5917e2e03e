import { stepPhase } from '../../model/execution';
import type { StepSpec } from '../../model/step-spec';
import type { JobState } from '../../store/agent-store';
import type { StepWatch } from '../backend';
import type { RemoteDependencies } from './dependencies';

/** A job that waits longer than this says why. */
const patienceMs = 1_000;

/** Tells the engine how a job stands, each thing once. */
export interface Teller {
  tell(job: JobState): Promise<void>;
  /** The program has printed or ended: it runs, or did, whether or not the agent has said so. */
  beforeOutput(): void;
  /** When to look again although nothing rang; null for no reason to. */
  lookAgainMs(job: JobState): number | null;
}

export function createTeller(
  { clock, jobs }: Pick<RemoteDependencies, 'clock' | 'jobs'>,
  { offlineAfterMs }: { offlineAfterMs: number },
  step: StepSpec,
  watch: Pick<StepWatch, 'onPhase' | 'onRunning' | 'onReady'>,
): Teller {
  const startedMs = clock.monotonicMs();
  let phaseTold = '';
  let isRunning = false;
  let isReady = false;

  function phase(name: string, detail: string | null): void {
    const parsed = stepPhase.shape.name.safeParse(name);
    const key = `${name} ${detail}`;
    if (!parsed.success || key === phaseTold) return;
    phaseTold = key;
    watch.onPhase({ name: parsed.data, detail });
  }

  async function whyItWaits(): Promise<string> {
    const [environment] = await jobs.environments(offlineAfterMs, step.executionId);
    const agent = environment?.agent;
    if (!agent) return 'waiting for an agent';
    return agent.isOnline
      ? `waiting for room on agent ${agent.id}`
      : `waiting for agent ${agent.id}, which is offline`;
  }

  function running(): void {
    if (isRunning) return;
    isRunning = true;
    watch.onRunning();
  }

  return {
    async tell(job) {
      if (job.state === 'queued') {
        if (clock.monotonicMs() - startedMs > patienceMs) phase('preparing', await whyItWaits());
      } else if (job.phase) phase(job.phase.name, job.phase.detail);
      if (job.isRunning) running();
      if (job.isReady && !isReady) {
        isReady = true;
        watch.onReady();
      }
    },
    beforeOutput: running,
    lookAgainMs: (job) => (job.state === 'queued' ? patienceMs + 100 : null),
  };
}
