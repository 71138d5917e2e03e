import { z } from 'zod';
import { backendKind } from './execution';
import { keepForMs } from './keep-alive';
import { limitedList, limitedText } from './limits';
import { aheadStage } from './prepared-step';
import { removalReceipt, resourceKind, resourceRow } from './receipt';
import { executionStatus } from './status-schema';

/** Usage of a container. Rates are between two readings, and null until there are two. */
export const resourceUsage = z.object({
  at: z.string(),
  /** Cores: 1.5 is one and a half. */
  cpu: z.number().nullable(),
  memoryBytes: z.number(),
  /** Null when it has no limit of its own. */
  memoryLimitBytes: z.number().nullable(),
  /** Bytes a second. */
  receivedRate: z.number().nullable(),
  sentRate: z.number().nullable(),
  readRate: z.number().nullable(),
  writtenRate: z.number().nullable(),
  /** What it holds on disk beside its image and its volumes. */
  diskBytes: z.number().nullable(),
});
export type ResourceUsage = z.infer<typeof resourceUsage>;

export const health = z.enum(['starting', 'healthy', 'unhealthy']);
export type Health = z.infer<typeof health>;

/** One thing that an environment owns. What its backend cannot tell is null. */
export const environmentResource = z.object({
  kind: resourceKind,
  name: z.string().max(1_000),
  stepId: limitedText.nullable(),
  /** The vendor's word, e.g. `running`. */
  state: limitedText.nullable(),
  image: limitedText.nullable(),
  health: health.nullable(),
  exitCode: z.int().nullable(),
  createdAt: z.string().max(100).nullable(),
  /** Where it can be reached from the backend's own machine. */
  address: limitedText.nullable(),
  ports: limitedList(z.int(), 65_536),
  /** A command for a terminal of the backend's machine that opens a shell in it. */
  shell: limitedText.nullable(),
  /** Made before its step may run: nothing of the step has run in it, whatever its state. */
  ahead: aheadStage.optional(),
});
export type EnvironmentResource = z.infer<typeof environmentResource>;

/**
 * `active`: its execution runs. `kept`: it has ended and is kept for people. `ending`: it is about to be removed, or
 * too new to be judged. `reaping`: it is being removed now. `zombie`: nothing needs it and nobody removes it.
 */
export const environmentState = z.enum(['zombie', 'reaping', 'kept', 'active', 'ending']);
export type EnvironmentState = z.infer<typeof environmentState>;

export const zombieCause = z.enum(['finished', 'unknown', 'owner_lost', 'deadline']);
export type ZombieCause = z.infer<typeof zombieCause>;

/** Everything one execution owns on a backend, and why it exists. The id is the execution's. */
export const environment = z.object({
  id: z.string(),
  backend: z.object({ id: z.string(), kind: backendKind, label: z.string() }),
  state: environmentState,
  zombieCause: zombieCause.nullable(),
  /** Why it is there, in one sentence. */
  reason: z.string(),
  /** Null when this control plane's database does not know it. */
  execution: z.object({ status: executionStatus, suiteTitle: z.string(), author: z.string() }).nullable(),
  suiteId: z.string().nullable(),
  profile: z.string().nullable(),
  /** The control plane that opened it. */
  owner: z.string().nullable(),
  createdAt: z.string().nullable(),
  /** When anyone who finds it may remove it. */
  deadline: z.string().nullable(),
  keptUntil: z.string().nullable(),
  resources: z.array(environmentResource),
  /** False: its agent does not answer, and the resources are as they were last seen, if they were. */
  isSeen: z.boolean(),
});
export type Environment = z.infer<typeof environment>;

/** A backend as the inventory found it. */
export const inventoryBackend = z.object({
  id: z.string(),
  kind: backendKind,
  label: z.string(),
  isReachable: z.boolean(),
  /** Why it is not; its environments are then shown as they were last seen. */
  reason: z.string().nullable(),
  /** When it was last seen; null: never since this control plane started. */
  seenAt: z.string().nullable(),
});
export type InventoryBackend = z.infer<typeof inventoryBackend>;

/** The environment of one execution and the rows of every resource it ever created. */
export const environmentRecord = z.object({
  id: z.string(),
  environment: environment.nullable(),
  rows: z.array(resourceRow),
});
export type EnvironmentRecord = z.infer<typeof environmentRecord>;

/** Everything that there is, zombies first, then the oldest. */
export const inventory = z.object({
  at: z.string(),
  environments: z.array(environment),
  backends: z.array(inventoryBackend),
  warnings: z.array(z.string()),
});
export type Inventory = z.infer<typeof inventory>;

/** Readings by resource name, of one environment. */
export const environmentUsage = z.record(z.string(), resourceUsage);
export type EnvironmentUsage = z.infer<typeof environmentUsage>;

/** A message of the environments stream: the whole inventory after a change, and readings in between. */
export const inventoryMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('inventory'),
    inventory,
    /** Readings by environment, then by resource. */
    usage: z.record(z.string(), environmentUsage),
  }),
  z.object({ type: z.literal('usage'), usage: z.record(z.string(), environmentUsage) }),
]);
export type InventoryMessage = z.infer<typeof inventoryMessage>;

/** Result of a reap of one environment. `refused`: nothing was touched, and the reason says why. */
export const reapResult = z.object({
  id: z.string(),
  outcome: z.enum(['removed', 'left', 'refused']),
  receipt: removalReceipt,
  reason: z.string().nullable(),
});
export type ReapResult = z.infer<typeof reapResult>;

/** Progress of a reap. */
export const reapProgress = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancelling'), id: z.string() }),
  z.object({ type: z.literal('removing'), id: z.string() }),
  z.object({ type: z.literal('removed'), id: z.string(), kind: resourceKind, name: z.string() }),
  z.object({ type: z.literal('done'), result: reapResult }),
]);
export type ReapProgress = z.infer<typeof reapProgress>;

const force = z.boolean().default(false).describe('Also when its execution runs: it is cancelled first.');

export const reapRequest = z.strictObject({ force });

export const extendRequest = z.strictObject({ forMs: keepForMs });

export const reapAllRequest = z.strictObject({
  scope: z.enum(['zombies', 'all']).default('zombies'),
  force,
});

/** A reading with its number: whoever has seen all up to one asks for those after it. */
export interface NumberedUsage {
  number: number;
  executionId: string;
  name: string;
  usage: ResourceUsage;
}

/** The inventory as a feed keeps it. The object of the inventory is another one after each change. */
export interface LiveInventory {
  inventory: Inventory;
  usages: NumberedUsage[];
}

/** A name that a backend gives to a container, a pod or a process. */
export const resourceName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'expected letters, digits, "_", "." and "-", and a letter or digit first')
  .describe('The name of a container.');

export const execRequest = z.strictObject({
  resource: resourceName,
  command: z.string().min(1).max(10_000).describe('Run with `sh -c`.'),
});

/** Characters of a command's output that are passed on: one that prints more is ended. */
export const maxExecOutput = 2 * 1024 * 1024;

/** Progress of a command in a container. `cut`: it printed more than is passed on. */
export const execProgress = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({ type: z.literal('cut') }),
  z.object({ type: z.literal('exit'), exitCode: z.int().nullable() }),
]);
export type ExecProgress = z.infer<typeof execProgress>;
