import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import { createMasker, type Masker } from '../model/masker';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import type { SecretReference } from '../model/secret';
import type { Secrets } from '../secrets/secrets';

/** The secrets of one execution: in memory, from the moment that it is run. */
export interface SecretValues {
  /** By key. */
  of(node: Pick<PlannedNode, 'secrets'>): Record<string, string>;
  /** Of all of them: any step of the execution may print any. */
  masker: Masker;
}

export const noSecrets: SecretValues = { of: () => ({}), masker: createMasker([]) };

const pausesMs = [1_000, 2_000, 5_000, 10_000, 15_000];

/** Each place once, whatever the keys are called; the key is the first one that is told of. */
export function secretsOf(plan: Plan): SecretReference[] {
  const references = new Map<string, SecretReference>();
  for (const { secrets } of plan.nodes) {
    for (const reference of secrets)
      if (!references.has(reference.from)) references.set(reference.from, reference);
  }
  return [...references.values()];
}

/**
 * Looks up all secrets of a plan. A place that cannot be asked is asked again for half a minute. Rejects as
 * `Secrets.resolve` does.
 */
export async function resolveSecrets(
  { clock, secrets }: { clock: Clock; secrets: Secrets },
  plan: Plan,
  signal: AbortSignal,
): Promise<SecretValues> {
  const references = secretsOf(plan);
  // Keyed by place: two suites may call different secrets by one key.
  const places = references.map(({ from }) => ({ key: from, from }));
  const values = await resolveWithRetries({ clock, secrets }, places, signal);
  return {
    of: (node) =>
      Object.fromEntries(
        node.secrets.flatMap(({ key, from }) => {
          const value = values[from];
          return value === undefined ? [] : [[key, value]];
        }),
      ),
    masker: createMasker([...new Set(Object.values(values))]),
  };
}

async function resolveWithRetries(
  { clock, secrets }: { clock: Clock; secrets: Secrets },
  references: SecretReference[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (references.length === 0) return {};
  for (let round = 0; ; round += 1) {
    try {
      return await secrets.resolve(references, signal);
    } catch (error) {
      const pauseMs = pausesMs[round];
      const isAway = error instanceof AppError && error.code === 'secret_unavailable';
      if (!isAway || pauseMs === undefined || signal.aborted) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}
