import { createUser, listUsers } from '@/lib/http/operations/people';
import { newInvitation } from '@/lib/identity/invitation';
import { route } from '@/lib/server';

const headers = { 'cache-control': 'no-store' };

export const GET = route(listUsers, async ({ context }) =>
  Response.json({ items: await context.store.users.list() }, { headers }),
);

/** The invitation's token is in this answer and nowhere else. */
export const POST = route(createUser, async ({ context, principal, body, audit }) => {
  const { email, role, name = email.split('@')[0] ?? email } = body;
  const { id } = await context.store.users.add({ email, name, role, madeBy: principal.name });
  await audit.record({ subject: { kind: 'user', id }, detail: { email, name, role } });
  const invitation = await newInvitation(context, { id, name, role }, principal.name);
  const user = await context.store.users.summary(id);
  return Response.json({ user, invitation }, { status: 201, headers });
});
