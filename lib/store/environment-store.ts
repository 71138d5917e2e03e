import type { ExecutionSummary } from '../model/execution';
import type { RemovalReceipt, ResourceRow } from '../model/receipt';

/** The database's facts about the execution that an environment belongs to. */
export interface EnvironmentFacts
  extends Pick<
    ExecutionSummary,
    | 'id'
    | 'suite'
    | 'profile'
    | 'backend'
    | 'status'
    | 'author'
    | 'finishedAt'
    | 'cancelRequestedAt'
    | 'stepCounts'
  > {
  /** The control plane that runs it now; null when nobody does. */
  owner: string | null;
  /** How long ago its owner's lease ran out, by the database's clock; null while it holds or nobody has one. */
  leaseLostMs: number | null;
  /** Its environment is kept until then; null: it is not, or no longer. */
  keptUntil: string | null;
}

export type ResourceName = Pick<ResourceRow, 'kind' | 'name'>;
export type IntendedResource = Pick<ResourceRow, 'kind' | 'name' | 'stepId' | 'attempt'>;
export type ResourceChange = ResourceName & { executionId: string; what: 'made' | 'removed' };
export type PresentResource = ResourceName & { executionId: string; stepId: string | null };

export interface Removal {
  removed: readonly ResourceName[];
  left: RemovalReceipt['left'];
  by: string;
}

/** Resources that executions own on their backends. */
export interface EnvironmentStore {
  /** Returns the facts of those executions that exist. */
  facts(executionIds: readonly string[]): Promise<EnvironmentFacts[]>;
  /** The environment outlives its execution; the last call counts. */
  keep(executionId: string, until: string): Promise<void>;
  /** Opens a row for each, or opens it again; one that is open stays as it is. */
  intend(backendId: string, executionId: string, intents: readonly IntendedResource[]): Promise<void>;
  /** Records changes of resources; a resource without a row is ignored. */
  note(changes: readonly ResourceChange[]): Promise<void>;
  /**
   * After a removal: closes every row of the execution but those that are left, and gives those without a row one.
   * Answers the execution's receipt over all of its life, from the rows.
   */
  settle(backendId: string, executionId: string, removal: Removal): Promise<RemovalReceipt>;
  rows(executionId: string): Promise<ResourceRow[]>;
  /**
   * Brings rows and a backend together: what is there without a row gets one, and an open row of an execution that
   * does not run is closed when nothing of its name is there. Of the executions in `unseen` nobody knows what is there:
   * their rows stay open.
   */
  reconcile(
    backendId: string,
    present: readonly PresentResource[],
    unseen?: readonly string[],
  ): Promise<{ adopted: number; closed: number }>;
}
