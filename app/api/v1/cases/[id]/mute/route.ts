import { checkExpiry } from '@/lib/http/mute-expiry';
import { muteCase, unmuteCase } from '@/lib/http/operations/cases';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const PUT = route(muteCase, async ({ context, principal, params, body, audit }) => {
  const { id = '' } = params;
  const { reason, ticket = null } = body;
  const expiresAt = checkExpiry(context.clock, body.expiresAt);
  const mute = await context.store.cases.mute(id, { reason, ticket, expiresAt, createdBy: principal.name });
  if (!mute) throw new AppError('case_not_found', `There is no test case ${id}.`);
  await audit.recordAfter({ detail: { reason, ticket, expiresAt } });
  return Response.json(mute);
});

export const DELETE = route(unmuteCase, async ({ context, params, audit }) => {
  const { id = '' } = params;
  const { cases } = context.store;
  if (!(await cases.unmute(id))) {
    if ((await cases.histories([id], 1)).length === 0)
      throw new AppError('case_not_found', `There is no test case ${id}.`);
    throw new AppError('not_found', `There is no mute of the test case ${id}.`);
  }
  await audit.recordAfter({});
  return new Response(null, { status: 204 });
});
