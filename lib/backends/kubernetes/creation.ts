import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { ResourceKind } from '../../model/receipt';
import type { ResourceLedger } from '../backend';
import { labelNames } from '../labels';
import { retryLimitMs } from './attempt-pod';
import type { Cluster } from './cluster';
import { isThereAlready, retryRequest } from './cluster-errors';
import { keyOf } from './names';
import { plainObject } from './objects';

export interface NamedBody {
  metadata: { name: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** Whose an object is, in the words of the ledger. */
export interface CreatedResource {
  executionId: string;
  stepId: string | null;
  attempt: number | null;
}

export interface CreationContext {
  clock: Clock;
  cluster: Cluster;
  installation: string;
  ledger: ResourceLedger;
  onCreated(executionId: string, kind: ResourceKind, name: string): void;
}

/**
 * As `createObject`, of a kind that people see: nothing is made before the intent is durable, and what was made is
 * told. Resolves with the object as the cluster has it.
 */
export async function createResource<Body extends { metadata?: { name?: string } }>(
  context: CreationContext,
  { executionId, stepId, attempt }: CreatedResource,
  kind: ResourceKind,
  collection: string,
  body: Body,
  signal: AbortSignal = new AbortController().signal,
  intended: Promise<void> | null = null,
): Promise<unknown> {
  const name = body.metadata?.name ?? '';
  await (intended ?? context.ledger.intend(executionId, [{ kind, name, stepId, attempt }], signal));
  const { created, answer } = await createObject(
    context,
    context.installation,
    kind,
    collection,
    body,
    signal,
  );
  if (created) context.onCreated(executionId, kind, name);
  return answer;
}

/**
 * Makes an object, or finds it made before. `created` tells which. Rejects when one of that name is there that is not
 * this installation's. Waits for an API server that is away.
 */
export async function createObject<Body extends { metadata?: { name?: string } }>(
  { clock, cluster }: { clock: Clock; cluster: Cluster },
  installation: string,
  kind: string,
  collection: string,
  body: Body,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ created: boolean; answer: unknown }> {
  const name = body.metadata?.name ?? '';
  return retryRequest({ clock }, retryLimitMs, signal, async () => {
    try {
      const answer = await cluster.request(`make the ${kind} ${name}`, collection, {
        method: 'POST',
        // Clusters before 1.25 do not know it, and leave what they do not know away without a word.
        query: { fieldValidation: 'Strict' },
        body,
      });
      return { created: true, answer };
    } catch (error) {
      if (!isThereAlready(error)) throw error;
      const answer = await cluster.request(`look at the ${kind} ${name}`, `${collection}/${name}`);
      const { annotations } = plainObject.parse(answer).metadata;
      if (annotations[keyOf(labelNames.installation)] === installation) return { created: false, answer };
      throw new AppError(
        'backend_failed',
        `A ${kind} called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
        { cause: error },
      );
    }
  });
}
