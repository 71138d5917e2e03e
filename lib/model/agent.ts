import { z } from 'zod';
import { timestamp } from './execution';
import type { PlannedNode } from './node';

const tag = z.string().regex(/^[\w.:/-]{1,63}$/, 'letters, digits and _.:/-');

export const agentRegistration = z.object({
  agentId: z
    .string()
    .regex(/^[A-Za-z0-9]([-.\w]{0,61}[A-Za-z0-9])?$/, 'a name: letters and digits, - _ . between them'),
  /** New at every start of the agent: the newest one is the agent. */
  instance: z.string().min(8).max(100),
  tags: z.array(tag).max(32),
  /** Steps at the same time; services that are up do not count. */
  capacity: z.int().min(1).max(64),
  version: z.string().max(64),
});
export type AgentRegistration = z.infer<typeof agentRegistration>;

/** Since this version an agent looks into what runs on it when it is asked. */
export const inspectSince = '0.2';
/** Since this version it runs commands there. */
export const execSince = '0.3';

/** Since this version it builds images, brings inputs into containers, limits disk and gives steps `$GANTRY_OUTPUT`. */
export const valuesSince = '0.4';

/** Since this version it resets mocks before a step. */
export const resetsSince = '0.5';

/** Since this version it says before a launch which images are missing on it. */
export const lookUpSince = '0.6';

/** What no agent can say of itself: tags are letters, digits and `_.:/-`. */
const abilitySign = '≥';
const abilityOf = (since: string) => `${abilitySign}${since}`;

/** Tells an ability that is kept among an agent's tags from a tag. */
export const isAbility = (tag: string) => tag.startsWith(abilitySign);

/** What an agent of this version can do, beside its tags. */
export function abilitiesOf(version: string): string[] {
  return [valuesSince, resetsSince].filter((since) => isSince(version, since)).map(abilityOf);
}

/** What an agent must be able to do for all of these steps. */
export function neededAbilities(
  nodes: readonly (Pick<PlannedNode, 'build' | 'inputs' | 'outputs'> &
    Partial<Pick<PlannedNode, 'resources' | 'resetMocks'>>)[],
): string[] {
  const needsValues = nodes.some(
    ({ build, inputs, outputs, resources }) =>
      build !== null || (inputs?.length ?? 0) > 0 || outputs === true || resources?.diskBytes !== undefined,
  );
  const needsResets = nodes.some(({ resetMocks = [] }) => resetMocks.length > 0);
  return [...(needsValues ? [abilityOf(valuesSince)] : []), ...(needsResets ? [abilityOf(resetsSince)] : [])];
}

/** The version is `since` or newer; one that is none is older than any. */
export function isSince(version: string, since: string): boolean {
  const [[major, minor], [sinceMajor, sinceMinor]] = [partsOf(version), partsOf(since)];
  return major === sinceMajor ? minor >= sinceMinor : major > sinceMajor;
}

function partsOf(version: string): [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major ?? -1), Number(minor ?? -1)];
}

export const heartbeatRequest = z.object({
  instance: z.string().max(100),
  /** Why it claims nothing, e.g. that Docker does not answer. */
  problem: z.string().max(1_000).nullable(),
  /** It is being stopped: it wants no execution that it has not begun. */
  stopping: z.boolean().optional(),
  /** The executions of which something is on the agent; absent when it has not looked. */
  environments: z.array(z.string().max(100)).max(10_000).optional(),
});

export const drain = z.object({ reason: z.string(), by: z.string(), at: timestamp });

export const registration = z.object({
  agentId: z.string(),
  installation: z.string(),
  leaseMs: z.int(),
  heartbeatMs: z.int(),
  /** Time of the control plane's clock. */
  now: timestamp,
});
export type Registration = z.infer<typeof registration>;

export const heartbeatAnswer = z.object({
  /** Executions whose environments are nobody's any more: the agent is to remove them. */
  reap: z.array(z.string()),
  drain: drain.nullable(),
  now: timestamp,
});
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswer>;

export const drainRequest = z.strictObject({
  reason: z.string().max(500).optional(),
  /** False ends it. */
  drained: z.boolean().optional(),
});

/** `offline`: nothing was heard of it for three heartbeats, computed when read. */
export const agentState = z.enum(['online', 'draining', 'offline']);
export type AgentState = z.infer<typeof agentState>;

export const agentSummary = z.object({
  id: z.string(),
  state: agentState,
  /** It never registered: it takes steps and knows nothing of environments. */
  plain: z.boolean(),
  tags: z.array(z.string()),
  capacity: z.int(),
  version: z.string(),
  problem: z.string().nullable(),
  registeredAt: timestamp,
  lastSeenAt: timestamp,
  drain: drain.nullable(),
  token: z.object({
    id: z.string(),
    name: z.string(),
    revoked: z.boolean(),
    expiresAt: z.string().nullable().describe('When it ends, as after a rotation; null: never.'),
    expired: z.boolean(),
  }),
  /** Jobs that the agent holds, oldest first. */
  jobs: z.array(
    z.object({ executionId: z.string(), stepId: z.string(), attempt: z.int(), phase: z.string().nullable() }),
  ),
  /** Executions whose environment is on it. */
  environments: z.int(),
});
export type AgentSummary = z.infer<typeof agentSummary>;
