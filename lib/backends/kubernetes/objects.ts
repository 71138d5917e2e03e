import { z } from 'zod';
import { parseQuantity } from './quantity';

/** What we read of Kubernetes' objects. Parsing leaves the rest away, which also keeps the watch's memory small. */

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  deletionGracePeriodSeconds: z.number().nullish(),
});

const terminated = z.object({
  exitCode: z.int(),
  reason: z.string().default(''),
  message: z.string().default(''),
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
});
export type Terminated = z.infer<typeof terminated>;

const containerState = z
  .object({
    waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
    running: z.object({ startedAt: z.string().nullish() }).optional(),
    terminated: terminated.optional(),
  })
  .default({});

const limits = z.object({ limits: z.object({ memory: z.string().optional() }).prefault({}) }).prefault({});

const containerStatus = z.object({
  name: z.string(),
  /** What it had in the end: newer clusters change it in place. */
  resources: limits,
  ready: z.boolean().default(false),
  image: z.string().default(''),
  imageID: z.string().default(''),
  state: containerState,
});
export type ContainerStatus = z.infer<typeof containerStatus>;

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

export const pod = z.object({
  metadata,
  spec: z
    .object({
      nodeName: z.string().optional(),
      /** Gates that keep the scheduler from the pod until something else, e.g. Kueue, removes them. */
      schedulingGates: z.array(z.object({ name: z.string() })).default([]),
      containers: z.array(z.object({ name: z.string(), resources: limits })).default([]),
      imagePullSecrets: z.array(z.object({ name: z.string().default('') })).default([]),
    })
    .prefault({}),
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().default(''),
      message: z.string().default(''),
      podIP: z.string().optional(),
      conditions: z.array(condition).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof pod>;

export const podList = z.object({
  metadata: z.object({ resourceVersion: z.string().default('') }).prefault({}),
  items: z.array(pod),
});

const plain = z.object({ metadata });

/** Any object; the status is a namespace's. */
export const plainObject = plain.extend({
  status: z.object({ phase: z.string().default(''), conditions: z.array(condition).nullish() }).prefault({}),
});
export type PlainObject = z.infer<typeof plainObject>;
export const plainList = z.object({ items: z.array(plain).nullish() });

export const service = plain.extend({ spec: z.object({ clusterIP: z.string().optional() }).default({}) });
export const serviceList = z.object({ items: z.array(service).nullish() });

export const pullSecret = z.object({ type: z.string(), data: z.record(z.string(), z.string()).default({}) });

const clusterEvent = z.object({
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  count: z.int().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  series: z.object({ lastObservedTime: z.string().nullish() }).nullish(),
});
export type ClusterEvent = z.infer<typeof clusterEvent>;
export const eventList = z.object({ items: z.array(clusterEvent).nullish() });

/** The containers of a step's pod. */
export const mainContainer = 'main';
export const companionContainer = 'gantry';

export function containerOf(found: Pod, name: string): ContainerStatus | null {
  const { initContainerStatuses, containerStatuses } = found.status;
  return [...initContainerStatuses, ...containerStatuses].find((each) => each.name === name) ?? null;
}

/** What the step's container may use: a cluster may set it where the suite does not, or change it. Null: nothing does. */
export function memoryLimitOf(found: Pod): number | null {
  const spec = found.spec.containers.find(({ name }) => name === mainContainer);
  const text = containerOf(found, mainContainer)?.resources.limits.memory ?? spec?.resources.limits.memory;
  return text === undefined ? null : parseQuantity(text);
}
