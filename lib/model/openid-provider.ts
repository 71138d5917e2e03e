import { z } from 'zod';
import { personRole } from './user';

/** One OpenID Connect provider, as `GANTRY_OIDC` describes it. */
export const openIdProvider = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and dashes, at most 40')
      .refine((id) => id !== 'credentials', 'another id than credentials, which stands for passwords'),
    /** On the button of the sign-in page. */
    name: z.string().min(1).max(60),
    /** Its `/.well-known/openid-configuration` says the rest. */
    issuer: z.url({ protocol: /^https?$/, error: 'a URL such as https://id.example.com' }),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    scope: z
      .string()
      .default('openid profile email')
      .refine((scope) => scope.split(' ').includes('openid'), 'scopes with openid among them'),
    /** The claim of the ID token that lists groups; default: `groups`. */
    groupsClaim: z.string().min(1).optional(),
    /** Role by group; the highest one counts. */
    roles: z.record(z.string(), personRole).default({}),
    /** For who is in none of these groups; null: they are refused. */
    defaultRole: personRole.nullable().default(null),
    /** Domains of e-mail addresses that may sign in; empty: all. */
    allowedDomains: z.array(z.string().toLowerCase().min(1)).default([]),
    /** For a provider that never sends `auth_time`: each sign-in counts as one at which it has asked who it is. */
    signInProves: z.boolean().default(false),
  })
  .refine(({ roles, defaultRole }) => defaultRole !== null || Object.keys(roles).length > 0, {
    path: ['roles'],
    error: 'roles of groups or a defaultRole: as it is, nobody could sign in',
  });
export type OpenIdProvider = z.infer<typeof openIdProvider>;

export const openIdProviders = z
  .array(openIdProvider)
  .max(20)
  .refine(
    (providers) => new Set(providers.map(({ id }) => id)).size === providers.length,
    'each provider with an id of its own',
  );

/** Reads a setting: a JSON list of providers. What is wrong with it goes to the context. */
export function parseProviders(text: string, context: z.RefinementCtx): OpenIdProvider[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'a JSON list of providers, as docs/people.md describes it' });
    return z.NEVER;
  }
  const parsed = openIdProviders.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path: place, message } of parsed.error.issues)
    context.addIssue({ code: 'custom', message: `${message} (at ${place.join('.') || 'the list'})` });
  return z.NEVER;
}
