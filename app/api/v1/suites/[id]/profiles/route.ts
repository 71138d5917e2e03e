import { createProfile, listProfiles } from '@/lib/http/operations/suites';
import { checkMayName } from '@/lib/identity/secret-names';
import { route } from '@/lib/server';

export const GET = route(listProfiles, async ({ context, params }) => {
  const { profileDetails, managedProfiles } = await context.suites.get(params.id ?? '');
  return Response.json({ items: profileDetails, managed: managedProfiles });
});

export const POST = route(createProfile, async ({ context, principal, params, body, audit }) => {
  checkMayName(principal, body.secrets);
  const profile = await context.profiles.save(params.id ?? '', null, body, principal.name);
  await audit.recordAfter({ subject: { kind: 'profile', id: `${params.id}/${profile.name}` } });
  const location = `/api/v1/suites/${params.id}/profiles/${profile.name}`;
  return Response.json(profile, { status: 201, headers: { location } });
});
