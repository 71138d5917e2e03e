import { createMasker, type Masker } from '../../model/masker';
import type { Secrets } from '../../secrets/secrets';
import type { Store } from '../../store/store';

/**
 * Masks what agents say of a job before it is stored. An agent that has registered does so itself; a plain client
 * knows nothing of it, and what it says would lie in the database until the engine has taken it.
 */
export interface JobMasks {
  /** The values that were handed out with it. */
  know(jobId: string, agentId: string, values: readonly string[]): void;
  /** Rejects as `Secrets.resolve` does, when the values are not known here: then nothing may be stored. */
  of(jobId: string, agentId: string): Promise<Masker>;
}

const mostKnown = 1_000;

export function createJobMasks({ store, secrets }: { store: Store; secrets: Secrets }): JobMasks {
  const known = new Map<string, Masker>();

  function keep(key: string, masker: Masker): Masker {
    const [oldest] = known.keys();
    if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
    known.set(key, masker);
    return masker;
  }

  return {
    know(jobId, agentId, values) {
      keep(`${jobId} ${agentId}`, createMasker(values));
    },
    async of(jobId, agentId) {
      const key = `${jobId} ${agentId}`;
      const before = known.get(key);
      if (before) return before;
      const references = await store.jobs.unmaskedSecrets(jobId, agentId);
      const values = references.length > 0 ? Object.values(await secrets.resolve(references)) : [];
      return keep(key, createMasker(values));
    },
  };
}
