import { z } from 'zod';
import { backendKind } from './execution';
import { kubernetesSettings } from './kubernetes-settings';

export const backendSetting = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a DNS label: lower-case letters, digits and -'),
  kind: backendKind,
  label: z.string().min(1).max(80),
  default: z.boolean(),
  enabled: z.boolean(),
  /** Steps that each control plane runs there at once; else GANTRY_MAX_STEPS. */
  capacity: z.int().min(1).max(10_000).nullish(),
  /** For a backend of this kind; without it the cluster that the environment names. */
  kubernetes: kubernetesSettings.optional(),
});
export type BackendSetting = z.infer<typeof backendSetting>;

/** What the operator has set. Missing or empty: a local backend is bound automatically. */
export const platformSettings = z.object({
  backends: z.array(backendSetting),
  /** Env that every step gets, above the suite's and below the profile's. */
  env: z.record(z.string(), z.string()),
});
export type PlatformSettings = z.infer<typeof platformSettings>;
