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
  { access: 'member', body: profileRequest },
  async ({ context, principal, params, body }) => {
    checkMayName(principal, body.secrets);
    return Response.json(
      await context.profiles.save(params.id ?? '', params.profile ?? '', body, principal.name),
    );
  },
);

export const DELETE = route({ access: 'member' }, async ({ context, params }) => {
  await context.profiles.remove(params.id ?? '', params.profile ?? '');
  return new Response(null, { status: 204 });
});
