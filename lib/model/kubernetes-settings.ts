import { z } from 'zod';
import { limitedList, limitedRecord, limitedText } from './limits';
import { podTemplate } from './pod-template';

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'a Kubernetes name');

/** Where the credentials of a cluster come from. */
export const kubeconfigSource = z.discriminatedUnion('from', [
  /** A file of the control plane's machine. Only the operator's environment may name one. */
  z.strictObject({ from: z.literal('file'), path: z.string().min(1).max(4_096) }),
  z.strictObject({ from: z.literal('inline'), text: z.string().min(1).max(1_000_000) }),
  /** The service account of the pod that the control plane itself runs in. */
  z.strictObject({ from: z.literal('cluster') }),
]);
export type KubeconfigSource = z.infer<typeof kubeconfigSource>;

export const toleration = z.strictObject({
  key: limitedText.optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: limitedText.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
});

/** How steps run on a Kubernetes cluster. */
export const kubernetesSettings = z.strictObject({
  kubeconfig: kubeconfigSource,
  /** A context of the kubeconfig; null: its current one. */
  context: z.string().min(1).max(1_000).nullable().default(null),
  /** The namespace that all executions share; null: each execution gets one of its own. */
  namespace: z.string().regex(label, 'a DNS label').nullable().default(null),
  /** Service account of the pods; null: the namespace's default. No pod gets a token of it. */
  serviceAccount: name.nullable().default(null),
  nodeSelector: limitedRecord(z.string().max(400), limitedText).default({}),
  tolerations: limitedList(toleration).default([]),
  /** Names of Secrets with the credentials of registries, in the shared namespace or in the one below. */
  imagePullSecrets: limitedList(name).default([]),
  /** Where those Secrets are copied from into the namespace of each execution. */
  imagePullSecretsFrom: z.string().regex(label, 'a DNS label').nullable().default(null),
  /** The image with a static `/bin/busybox` that stands beside every step: the toolbox, or `busybox:musl`. */
  helperImage: z.string().min(1).max(500).default('gantry/toolbox:local'),
  /** Where pods reach this control plane: for packages that are too large for Secrets. null: there is no way. */
  controlPlaneUrl: z
    .url({ protocol: /^https?$/, error: 'an http or https URL' })
    .max(2_000)
    .refine((url) => !/[?#@]/.test(url), 'a URL without user, query or fragment')
    .nullable()
    .default(null),
  /** The user that steps run as; null: the one of their image, which the restricted pod security refuses for root. */
  runAsUser: z.int().min(1).nullable().default(1000),
  /** For steps that state none themselves. */
  resources: z
    .strictObject({
      cpu: z.number().positive().nullable().default(null),
      memoryBytes: z.int().positive().nullable().default(null),
    })
    .default({ cpu: null, memoryBytes: null }),
  /**
   * Whether an execution's own namespace is limited to what its suite states. Off where the cluster puts containers of
   * its own into pods: those are in no suite's sum.
   */
  quota: z.boolean().default(true),
  pod: podTemplate.prefault({}),
  /** Where steps may connect to: `environment` is their own services and cluster DNS only. */
  egress: z.enum(['anywhere', 'environment']).default('anywhere'),
  /** How long a pod may find no node before the step ends: as long as the cluster takes to add one. */
  schedulingSeconds: z.int().positive().default(20),
});
export type KubernetesSettings = z.infer<typeof kubernetesSettings>;
