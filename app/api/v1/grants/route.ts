import { checkGrantee } from '@/lib/http/check-grantee';
import { listGrants, saveGrant } from '@/lib/http/operations/grants';
import { route } from '@/lib/server';

const headers = { 'cache-control': 'no-store' };

export const GET = route(listGrants, async ({ context }) =>
  Response.json({ items: await context.store.grants.list() }, { headers }),
);

export const POST = route(saveGrant, async ({ context, principal, body, audit }) => {
  await checkGrantee(context.store, body.grantee);
  const grant = await context.store.grants.save({ ...body, madeBy: principal.name });
  const { id, grantee, suites, rights } = grant;
  await audit.recordAfter({ subject: { kind: 'grant', id }, detail: { grantee, suites, rights } });
  return Response.json(grant, { status: 201, headers });
});
