import { z } from 'zod';

const hubAliases = ['index.docker.io', 'registry-1.docker.io', 'hub.docker.com'];

/** A registry as images name it, in lower case: `ghcr.io`, `registry.example.com:5000`; `docker.io` is Docker Hub. */
export const registryHost = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/,
    'the host of a registry as images name it, with its port where it has one: ghcr.io',
  )
  .refine((host) => !hubAliases.includes(host), 'docker.io, which is what images of Docker Hub come from');

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
