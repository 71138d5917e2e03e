import { z } from 'zod';
import { maxNotExported, notExported } from './artifact';
import { environmentResource, execRequest, resourceName } from './environment';
import { stepPhase } from './execution';
import { imageFacts } from './image-facts';
import { lookedUpImage, maxLookedUp } from './image-look-up';
import { limitedList, limitedText } from './limits';
import { logStream, unfinishedLine } from './log-line';
import { exportRule } from './node';
import { maxResources, removalReceipt } from './receipt';
import { serviceAddress, stepSpec } from './step-spec';

/** The state that the control plane wants of a job, repeated until the agent has reached it. */
export const desiredState = z.enum(['run', 'stop', 'cancel']);
export type DesiredState = z.infer<typeof desiredState>;

/** The environment that an agent makes for an execution before the first of its steps. */
export const environmentOrder = z.object({
  executionId: z.string(),
  suiteId: z.string(),
  profile: z.string(),
  owner: z.string(),
  deadline: z.string(),
  services: z.array(serviceAddress),
});
export type EnvironmentOrder = z.infer<typeof environmentOrder>;

export const logPosition = z.object({ stdout: z.int(), stderr: z.int() });

const lease = { id: z.string(), leaseToken: z.string(), leaseMs: z.int() };

export const stepJob = z.object({
  ...lease,
  kind: z.literal('step'),
  attempt: z.int(),
  /** Number of this delivery, from 1. */
  delivery: z.int(),
  /** An attempt that an earlier delivery started can only be adopted, not started again. */
  mustAdopt: z.boolean(),
  /** Lines of the program that ran last which are stored; null when none was ever begun. */
  resumeAfter: logPosition.nullable(),
  /** The newest log line that is stored: the next one has the number after it. */
  ackedSeq: z.int(),
  desired: desiredState,
  graceMs: z.int(),
  environment: environmentOrder,
  spec: stepSpec,
});
export type StepJob = z.infer<typeof stepJob>;

const closeOrder = z.object({ kind: z.literal('close'), executionId: z.string() });
const listOrder = z.object({ kind: z.literal('list') });
const linesOrder = z.object({
  kind: z.literal('lines'),
  executionId: z.string(),
  resource: resourceName,
  lines: z.int().min(1).max(10_000),
});

const resourceRef = { executionId: z.string().max(100), resource: resourceName };
/** Resources whose usage is asked for at once. */
export const maxUsages = 32;
const usageOrder = z.object({
  kind: z.literal('usage'),
  resources: z.array(z.object(resourceRef)).max(maxUsages),
});

/** `asksRegistry`: the agent may ask an image's registry by its machine's own login; the platform's are for pulls. */
const imagesOrder = z.object({
  kind: z.literal('images'),
  images: z.array(lookedUpImage.extend({ asksRegistry: z.boolean() })).max(maxLookedUp),
});

const execOrder = z.object({ kind: z.literal('exec'), executionId: z.string(), ...execRequest.shape });
/** The lease of a command is no longer than this: whoever waits for it hears soon of an agent that is gone. */
export const maxExecLeaseMs = 15_000;

/** A request to an agent other than a step; see the members of `Backend` with similar names. */
export const controlOrder = z.discriminatedUnion('kind', [
  closeOrder,
  listOrder,
  linesOrder,
  usageOrder,
  imagesOrder,
  execOrder,
]);
export type ControlOrder = z.infer<typeof controlOrder>;

/** A command, which is delivered once: whatever becomes of it, it is not run again. */
const execJob = execOrder.extend({
  ...lease,
  /** Values that must not be seen in what it prints: those of the execution's steps that the agent was given. */
  secrets: z.array(z.string()),
});
export type ExecJob = z.infer<typeof execJob>;

/** A job of an agent: a step, the removal of an environment, a request, or a command. */
export const job = z.discriminatedUnion('kind', [
  stepJob,
  closeOrder.extend(lease),
  listOrder.extend(lease),
  linesOrder.extend(lease),
  usageOrder.extend(lease),
  imagesOrder.extend(lease),
  execJob,
]);
export type Job = z.infer<typeof job>;
export type ControlJob = Exclude<Job, StepJob>;

export const stepOutcome = z.object({
  ended: z.enum(['exited', 'stopped', 'not_ready']),
  exitCode: z.int().nullable(),
  signal: z.string().max(100).nullable(),
  oomKilled: z.boolean(),
  endedAtMs: z.number().optional(),
  endClock: z.string().max(300).optional(),
  memoryLimitBytes: z.number().optional(),
  reason: z.string().max(100_000).nullable(),
  isOutputCut: z.boolean().optional(),
  notExported: z.array(notExported).max(maxNotExported).optional(),
  image: imageFacts.optional(),
  warnings: limitedList(z.string().max(100_000), 10_000),
});

export const environmentFound = z.object({
  executionId: limitedText,
  suiteId: limitedText.nullable(),
  profile: limitedText.nullish(),
  owner: limitedText.nullable(),
  deadline: z.string().max(100).nullable(),
  createdAt: z.string().max(100).nullable(),
  // What Docker cannot tell of a resource is left out.
  resources: limitedList(
    environmentResource.partial().required({ kind: true, name: true, stepId: true, state: true }),
    maxResources,
  ),
});

/** `agent_lost`: what had begun is gone with the agent or with what was on it. */
export const jobFailure = z.object({
  code: z.enum(['backend_failed', 'image_missing', 'backend_unavailable', 'agent_lost']),
  message: z.string().max(10_000),
});

/** A question that has no answer: there is no such resource, or it does not run. */
export const jobRefusal = z.object({
  code: z.enum(['not_found', 'conflict']),
  message: z.string().max(10_000),
});

/** Characters of a resource's last lines that an agent sends, the newest ones. */
export const maxLastLines = 1_000_000;
const lastLines = z.string().max(maxLastLines);

const amount = z.number().nullable();

/** The reading of `Backend.readUsage`, with `atMs` by the agent's clock; null when there is none. */
const usageReading = z.object({
  atMs: z.number().min(0).max(8.64e15),
  cpuMs: amount,
  cpu: z.number().optional(),
  memoryBytes: z.number(),
  memoryLimitBytes: amount,
  receivedBytes: amount,
  sentBytes: amount,
  readBytes: amount,
  writtenBytes: amount,
  diskBytes: amount.optional(),
});
const usages = z.array(z.object({ ...resourceRef, reading: usageReading.nullable() })).max(maxUsages);

/** The answer of `Backend.missingImages`. */
const missingImages = z.array(z.string().max(10_000).nullable()).max(maxLookedUp);

const executed = z.object({ exitCode: z.int().nullable() });

const removed = limitedList(environmentResource.pick({ kind: true, name: true }), maxResources);
const environments = limitedList(environmentFound, maxResources);

/** How a job ended, one of these. */
export const jobResult = z.union([
  z.object({ outcome: stepOutcome }),
  z.object({ failure: jobFailure }),
  z.object({ receipt: removalReceipt, removed }),
  z.object({ environments }),
  z.object({ refusal: jobRefusal }),
  z.object({ lastLines }),
  z.object({ usages }),
  z.object({ missingImages }),
  z.object({ executed }),
]);
export type JobResult = z.infer<typeof jobResult>;

const agentId = z.string().min(1).max(64);
/** Without a token a plain client is known by its name alone. */
const fence = { agentId, leaseToken: z.string().max(100).optional() };
/** How long an agent may ask for an answer to be kept back. */
export const maxWaitMs = 30_000;
const waitMs = z.int().min(0).max(maxWaitMs).optional();

export const claimRequest = z.object({
  agentId,
  waitMs,
  /** Sent again after an answer that was lost: the same job is answered. */
  claimId: z.string().min(8).max(100).optional(),
  instance: z.string().max(100).optional(),
  kind: z.enum(['step', 'control']).optional(),
});

/** Without the port and host of Docker Hub's own: `docker.io`. */
export const registryLoginRequest = z.object({ ...fence, host: z.string().min(1).max(255) });

export const leaseRequest = z.object({ ...fence, waitMs });

export const leaseAnswer = z.object({
  leaseMs: z.int(),
  desired: desiredState,
  /** Time from SIGTERM to SIGKILL when the step is to stop. */
  graceMs: z.int(),
});
export type LeaseAnswer = z.infer<typeof leaseAnswer>;

export const stateRequest = z.object({
  ...fence,
  state: z.enum([...stepPhase.shape.name.options, 'ready']),
  message: z.string().max(1_000).nullish(),
  /** The program begins anew: what an earlier delivery printed is not of it. */
  restarted: z.boolean().optional(),
  /** All that it has printed and that has no line end yet. */
  unfinished: z.array(unfinishedLine).max(2).optional(),
});
export type StateRequest = z.infer<typeof stateRequest>;
/** A report of an agent about a job. */
export type JobReport = Pick<StateRequest, 'state' | 'message' | 'restarted' | 'unfinished'>;

/** Characters of a line as an agent may send it: pieces are of 1 MiB, and masking may make them longer. */
const maxLineLength = 4 * 1024 * 1024;

export const outputLine = z.object({
  stream: logStream,
  atMs: z.number(),
  text: z.string().max(maxLineLength),
});

export const logsRequest = z.union([
  z.object({ ...fence, firstSeq: z.int().min(1), lines: z.array(outputLine).min(1).max(10_000) }),
  z.object({ ...fence, line: z.string().max(maxLineLength), stream: logStream.optional() }),
]);

/** The newest line that is stored. */
export const linesAnswer = z.object({ ackedSeq: z.int() });

export const completeRequest = z.union([
  z.object({ ...fence, outcome: stepOutcome }),
  z.object({ ...fence, failure: jobFailure }),
  z.object({ ...fence, receipt: removalReceipt, removed }),
  z.object({ ...fence, environments }),
  z.object({ ...fence, refusal: jobRefusal }),
  z.object({ ...fence, lastLines }),
  z.object({ ...fence, usages }),
  z.object({ ...fence, missingImages }),
  z.object({ ...fence, executed }),
  z.object({
    ...fence,
    error: z.string().max(10_000).nullish(),
    exitCode: z.int().min(0).max(255).optional(),
  }),
]);
export type CompleteRequest = z.infer<typeof completeRequest>;

export const artifactQuery = z.object({
  agentId,
  path: z.string().min(1).max(1_000),
  format: exportRule.shape.format,
  /** Hex, of the content. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Bytes of a file that may go with others, and how much goes at once. */
export const batchLimits = { fileBytes: 256 * 1024, files: 500, bytes: 4 * 1024 * 1024 };

/** Small files at once, the content of each in base64. */
export const artifactsRequest = z.object({
  ...fence,
  files: z
    .array(
      artifactQuery.omit({ agentId: true }).extend({
        content: z.base64().max(Math.ceil(batchLimits.fileBytes / 3) * 4),
      }),
    )
    .min(1)
    .max(batchLimits.files),
});
export type BatchedArtifact = z.infer<typeof artifactsRequest>['files'][number];
