import { z } from 'zod';
import { limitedList, limitedRecord, limitedText } from './limits';

const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'a Kubernetes name');
const prefix = '([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?';
const word = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const key = z.string().regex(new RegExp(`^${prefix}${word}$`), 'a key as Kubernetes has them');
const labelValue = z.string().regex(new RegExp(`^(${word})?$`), 'a value as labels have them');
const labels = limitedRecord(key, labelValue);

/** Annotations that take a part of the hardening away. */
const unsafeAnnotation = /^(container\.apparmor\.security\.beta|seccomp\.security\.alpha)\.kubernetes\.io\//;

const expression = z.strictObject({
  key: limitedText,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
  values: limitedList(limitedText).optional(),
});
const labelSelector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: limitedList(expression).optional(),
});
const weight = z.int().min(1).max(100);

const nodeTerm = z.strictObject({
  matchExpressions: limitedList(expression).optional(),
  matchFields: limitedList(expression).optional(),
});
const nodeAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .strictObject({ nodeSelectorTerms: limitedList(nodeTerm).min(1) })
    .optional(),
  preferredDuringSchedulingIgnoredDuringExecution: limitedList(
    z.strictObject({ weight, preference: nodeTerm }),
  ).optional(),
});
const podTerm = z.strictObject({
  labelSelector: labelSelector.optional(),
  namespaceSelector: labelSelector.optional(),
  namespaces: limitedList(name).optional(),
  topologyKey: key,
});
const podAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: limitedList(podTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: limitedList(
    z.strictObject({ weight, podAffinityTerm: podTerm }),
  ).optional(),
});

/** Fields that a pod template must not set, because they weaken the isolation of steps. */
const weakening = new Set([
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'hostUsers',
  'volumes',
  'containers',
  'initContainers',
  'ephemeralContainers',
  'securityContext',
  'shareProcessNamespace',
  'automountServiceAccountToken',
  'nodeName',
]);

/** For every pod, over what Gantry itself would say. Its own labels, annotations and env stand above. */
export const podTemplate = z.strictObject(
  {
    labels: labels.default({}),
    annotations: limitedRecord(
      key.refine((text) => !unsafeAnnotation.test(text), {
        error: 'not an annotation that takes seccomp or AppArmor away',
      }),
      limitedText,
    ).default({}),
    /** Below what a suite sets. */
    env: limitedRecord(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of a variable'),
      limitedText,
    ).default({}),
    affinity: z
      .strictObject({
        nodeAffinity: nodeAffinity.optional(),
        podAffinity: podAffinity.optional(),
        podAntiAffinity: podAffinity.optional(),
      })
      .optional(),
    topologySpreadConstraints: limitedList(
      z.strictObject({
        maxSkew: z.int().min(1),
        topologyKey: key,
        whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
        labelSelector: labelSelector.optional(),
      }),
    ).optional(),
    dnsPolicy: z.enum(['ClusterFirst', 'Default', 'None']).optional(),
    dnsConfig: z
      .strictObject({
        nameservers: limitedList(limitedText).optional(),
        searches: limitedList(limitedText).optional(),
        options: limitedList(z.strictObject({ name: limitedText, value: limitedText.optional() })).optional(),
      })
      .optional(),
    priorityClassName: name.optional(),
    preemptionPolicy: z.enum(['Never', 'PreemptLowerPriority']).optional(),
    runtimeClassName: name.optional(),
    schedulerName: z.string().min(1).max(253).optional(),
  },
  {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const unsafe = issue.keys.filter((each) => weakening.has(each));
      if (unsafe.length === 0) return `there is no ${issue.keys.join(', ')} in a pod's settings`;
      return `${unsafe.join(', ')}: not for pods of steps, for it weakens what keeps them apart from the node and each other`;
    },
  },
);
export type PodTemplate = z.infer<typeof podTemplate>;
