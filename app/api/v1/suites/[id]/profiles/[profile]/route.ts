import { deleteProfile, getProfile, updateProfile } from '@/lib/http/operations/suites';
import { checkMayName } from '@/lib/identity/secret-names';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const GET = route(getProfile, async ({ context, params }) => {
  const { managedProfiles } = await context.suites.get(params.id ?? '');
  const found = managedProfiles.find(({ name }) => name === params.profile);
  if (found) return Response.json(found);
  throw new AppError('not_found', `The suite ${params.id} has no managed profile "${params.profile}".`);
});

export const PUT = route(updateProfile, async ({ context, principal, params, body, audit }) => {
  checkMayName(principal, body.secrets);
  const { id = '', profile: name = '' } = params;
  const profile = await context.profiles.save(id, name, body, principal.name);
  await audit.recordAfter({ subject: { kind: 'profile', id: `${id}/${name}` } });
  return Response.json(profile);
});

export const DELETE = route(deleteProfile, async ({ context, params, audit }) => {
  const { id = '', profile: name = '' } = params;
  await context.profiles.remove(id, name);
  await audit.recordAfter({ subject: { kind: 'profile', id: `${id}/${name}` } });
  return new Response(null, { status: 204 });
});
