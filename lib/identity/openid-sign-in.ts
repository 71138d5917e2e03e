import { z } from 'zod';
import { AppError } from '../model/errors';
import type { OpenIdProvider } from '../model/openid-provider';
import { emailAddress } from '../model/user';
import type { Store } from '../store/store';
import type { PersonRole, User } from '../store/user-store';

const claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().optional(),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
});

/** Why somebody whom the provider knows is not signed in: the sign-in page has words for each. */
export const openIdRefusals = [
  'NoAddress',
  'Domain',
  'NoRole',
  'NotLinked',
  'Disabled',
  'SomebodyElse',
] as const;
export type OpenIdRefusal = (typeof openIdRefusals)[number];

export class OpenIdRefused extends AppError {
  constructor(readonly refusal: OpenIdRefusal) {
    super('unauthorized', `An identity provider's person was refused: ${refusal}.`);
  }
}

const ranks: readonly PersonRole[] = ['viewer', 'member', 'admin'];

/**
 * The person of the claims of a verified ID token, made at the first sign-in, with the role that the groups give now.
 * Throws OpenIdRefused.
 */
export async function personOfClaims(
  { users }: Pick<Store, 'users'>,
  provider: OpenIdProvider,
  idToken: Readonly<Record<string, unknown>>,
): Promise<User> {
  const parsed = claims.safeParse(idToken);
  const email = emailAddress.safeParse(parsed.data?.email);
  if (!parsed.success || !email.success) throw new OpenIdRefused('NoAddress');
  const isVerified = parsed.data.email_verified;
  const domain = email.data.split('@').at(-1) ?? '';
  const { allowedDomains } = provider;
  if (allowedDomains.length > 0 && (!allowedDomains.includes(domain) || isVerified === false))
    throw new OpenIdRefused('Domain');
  const role = roleOf(provider, idToken);
  if (role === null) throw new OpenIdRefused('NoRole');

  const identity = { provider: provider.id, subject: parsed.data.sub };
  const known = await users.byIdentity(identity);
  if (known) return withRole({ users }, provider, known, role, idToken);
  const sameAddress = await users.byEmail(email.data);
  // Only a provider that has checked the address may hand over the account of its owner.
  if (sameAddress && isVerified !== true) throw new OpenIdRefused('NotLinked');
  const name = (parsed.data.name ?? parsed.data.preferred_username ?? '').trim().slice(0, 80);
  const user =
    sameAddress ??
    (await users.add({ email: email.data, name: name || email.data.split('@')[0] || email.data, role }));
  if (user.isDisabled) throw new OpenIdRefused('Disabled');
  await users.link(user.id, identity);
  return withRole({ users }, provider, user, role, idToken);
}

/** A provider that knows no groups gives a role to who is new, and leaves those of others as they are. */
async function withRole(
  { users }: Pick<Store, 'users'>,
  provider: OpenIdProvider,
  user: User,
  role: PersonRole,
  idToken: Readonly<Record<string, unknown>>,
): Promise<User> {
  if (user.isDisabled) throw new OpenIdRefused('Disabled');
  if (Object.hasOwn(idToken, claimOf(provider)) || (knowsGroups(provider) && !isElsewhere(provider, idToken)))
    await users.change(user.id, { groups: groupsOf(provider, idToken) });
  if (user.role === role || Object.keys(provider.roles).length === 0) return user;
  return (await users.change(user.id, { role })) ?? user;
}

/** The highest role of the groups; null: none of them gives one. */
export function roleOf(
  provider: OpenIdProvider,
  idToken: Readonly<Record<string, unknown>>,
): PersonRole | null {
  const { roles, defaultRole } = provider;
  const groups = groupsOf(provider, idToken);
  const given = groups.flatMap((group) => (Object.hasOwn(roles, group) ? [roles[group]] : []));
  return ranks.findLast((rank) => given.includes(rank)) ?? defaultRole;
}

const claimOf = ({ groupsClaim = 'groups' }: OpenIdProvider) => groupsClaim;

/** Tells whether the provider reports groups. Then a token without the claim means no groups: some leave out an empty list. */
function knowsGroups({ groupsClaim, roles }: OpenIdProvider): boolean {
  return groupsClaim !== undefined || Object.keys(roles).length > 0;
}

/** Tells whether the groups are too many for the token. Some providers then only name a place to ask, in `_claim_names`. */
function isElsewhere(
  provider: OpenIdProvider,
  { _claim_names: names }: Readonly<Record<string, unknown>>,
): boolean {
  return typeof names === 'object' && names !== null && Object.hasOwn(names, claimOf(provider));
}

function groupsOf(provider: OpenIdProvider, idToken: Readonly<Record<string, unknown>>): string[] {
  const groupsClaim = claimOf(provider);
  const claim = Object.hasOwn(idToken, groupsClaim) ? idToken[groupsClaim] : undefined;
  return (Array.isArray(claim) ? claim : [claim]).filter((each) => typeof each === 'string');
}
