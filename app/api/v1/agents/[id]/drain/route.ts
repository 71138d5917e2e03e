import { z } from 'zod';
import { route } from '@/lib/server';

const body = z.strictObject({ reason: z.string().max(500).optional(), drained: z.boolean().optional() });

/** `{drained: false}` ends it. */
export const POST = route({ access: 'member', body }, async ({ context, principal, params, body: given }) => {
  const drain = given.drained === false ? null : { reason: given.reason ?? '', by: principal.name };
  await context.store.agents.drain(params.id ?? '', drain);
  return new Response(null, { status: 204 });
});
