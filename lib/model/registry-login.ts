import { z } from 'zod';
import { isHubAlias, maxRegistryHost, registryHostExpected, registryHostForm } from './registry-host';

/** A registry as images name it, in lower case: `ghcr.io`, `registry.example.com:5000`; `docker.io` is Docker Hub. */
const registryHost = z
  .string()
  .max(maxRegistryHost)
  .regex(registryHostForm, registryHostExpected.form)
  .refine((host) => !isHubAlias(host), registryHostExpected.hub);

/** The login of the platform for one registry. */
export const registryLogin = z.strictObject({
  host: registryHost,
  user: z
    .string()
    .min(1)
    .max(500)
    .regex(/^[^:\p{Cc}]+$/u, 'a user without ":"'),
  /** A password or token. Write-only: it is shown as `***`, and sent as that it stays as it is. */
  password: z.string().min(1).max(20_000),
});
export type RegistryLogin = z.infer<typeof registryLogin>;

/** What a registry said to a login. */
export const registryCheck = z.object({
  accepted: z.boolean(),
  /** One sentence for people. */
  message: z.string(),
});
export type RegistryCheck = z.infer<typeof registryCheck>;
