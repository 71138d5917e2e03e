import { checkMayName } from '@/lib/identity/secret-names';
import { AppError } from '@/lib/model/errors';
import { profileRequest } from '@/lib/model/managed-profile';
import { route } from '@/lib/server';

export const GET = route({ access: 'viewer' }, async ({ context, params }) => {
  const { managedProfiles } = await context.suites.get(params.id ?? '');
  const found = managedProfiles.find(({ name }) => name === params.profile);
  if (found) return Response.json(found);
  throw new AppError('not_found', `The suite ${params.id} has no managed profile "${params.profile}".`);
});

export const PUT = route(
  { access: 'member', body: profileRequest, audit: { action: 'profile.change', subject: 'profile' } },
  async ({ context, principal, params, body, audit }) => {
    checkMayName(principal, body.secrets);
    const { id = '', profile: name = '' } = params;
    const profile = await context.profiles.save(id, name, body, principal.name);
    await audit.recordAfter({ subject: { kind: 'profile', id: `${id}/${name}` } });
    return Response.json(profile);
  },
);

export const DELETE = route(
  { access: 'member', audit: { action: 'profile.remove', subject: 'profile' } },
  async ({ context, params, audit }) => {
    const { id = '', profile: name = '' } = params;
    await context.profiles.remove(id, name);
    await audit.recordAfter({ subject: { kind: 'profile', id: `${id}/${name}` } });
    return new Response(null, { status: 204 });
  },
);
