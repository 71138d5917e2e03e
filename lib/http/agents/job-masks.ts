import { createMasker, type Masker } from '../../model/masker';
import type { SecretReference } from '../../model/secret';
import type { Secrets } from '../../secrets/secrets';
import type { Store } from '../../store/store';

/**
 * Masks what agents say of a job before it is stored. An agent that has registered does so itself; a plain client
 * knows nothing of it, and what it says would lie in the database until the engine has taken it. What commands print is
 * masked here too, for a container may hold more secrets than its agent knows.
 */
export interface JobMasks {
  /** The values that were handed out with it. */
  add(jobId: string, agentId: string, values: readonly string[]): void;
  /** Rejects as `Secrets.resolve` does, when the values are not known here: then nothing may be stored. */
  of(jobId: string, agentId: string): Promise<Masker>;
}

const maxKnown = 1_000;

/** By place: two steps may call different secrets by one key. */
export async function valuesOf(secrets: Secrets, references: readonly SecretReference[]): Promise<string[]> {
  if (references.length === 0) return [];
  return Object.values(await secrets.resolve(references.map(({ from }) => ({ key: from, from }))));
}

export function createJobMasks({ store, secrets }: { store: Store; secrets: Secrets }): JobMasks {
  const known = new Map<string, Masker>();

  function keep(key: string, masker: Masker): Masker {
    const [oldest] = known.keys();
    if (known.size >= maxKnown && oldest !== undefined) known.delete(oldest);
    known.set(key, masker);
    return masker;
  }

  return {
    add(jobId, agentId, values) {
      keep(`${jobId} ${agentId}`, createMasker(values));
    },
    async of(jobId, agentId) {
      const key = `${jobId} ${agentId}`;
      const before = known.get(key);
      if (before) return before;
      const references = await store.jobs.unmaskedSecrets(jobId, agentId);
      return keep(key, createMasker(await valuesOf(secrets, references)));
    },
  };
}
