import type { Clock } from '../../clock';
import type { StepSpec } from '../../model/step-spec';
import type { Cluster } from './cluster';
import type { Pod } from './objects';
import { releasePod } from './signals';

/** Until then its result is recorded: a control plane that comes back before needs the artifacts again. */
const artifactsLifetimeMs = 30_000;

/**
 * Lets the companions of ended steps end too, so that their pods stop holding what they have requested: at once, or a
 * while later where there are artifacts. Should this process die before, they wait for the end of the execution.
 */
export function createPodReleases(context: { clock: Clock; cluster: Cluster }) {
  const waiting = new Map<string, AbortController>();

  return {
    add(step: StepSpec, pod: Pod): void {
      const forgotten = waiting.get(step.executionId) ?? new AbortController();
      waiting.set(step.executionId, forgotten);
      const lingerMs = step.node.exports.length > 0 ? artifactsLifetimeMs : 0;
      void context.clock
        .sleep(lingerMs, forgotten.signal)
        .then(() => (forgotten.signal.aborted ? null : releasePod(context, pod)))
        // It stays until the environment is closed, as it would had nobody asked.
        .catch(() => null);
    },
    /** The environment is being closed: all of its pods go. */
    forget(executionId: string): void {
      waiting.get(executionId)?.abort();
      waiting.delete(executionId);
    },
  };
}
