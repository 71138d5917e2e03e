import { z } from 'zod';
import { backendKind } from './execution';
import { hardening } from './hardening';
import { kubernetesSettings } from './kubernetes-settings';
import { limitedList, limitedText, limitedVariables } from './limits';
import { registryLogin } from './registry-login';

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
  /** Hardening of containers on Docker, local or on agents; `standard` unless set. */
  hardening: hardening.optional(),
  /** For a backend of this kind; without it the cluster that the environment names. */
  kubernetes: kubernetesSettings.optional(),
});
export type BackendSetting = z.infer<typeof backendSetting>;

/** The operator's settings. Missing or empty: a local backend is bound automatically. */
export const platformSettings = z.object({
  backends: limitedList(backendSetting, 100),
  /** Env that every step gets, above the suite's and below the profile's. */
  env: limitedVariables(z.string().max(200), limitedText),
  /** Logins for the registries of images; absent when the settings are replaced: they stay as they are. */
  registries: limitedList(registryLogin, 100).optional(),
});
export type PlatformSettings = z.infer<typeof platformSettings>;
