import { z } from 'zod';
import { route } from '@/lib/server';

const body = z.strictObject({ reason: z.string().max(500).optional(), drained: z.boolean().optional() });

/** `{drained: false}` ends it. */
export const POST = route(
  { access: 'member', body, audit: { action: 'agent.drain', subject: 'agent' } },
  async ({ context, principal, params, body: { drained, reason = '' }, audit }) => {
    const drain = drained === false ? null : { reason, by: principal.name };
    await context.store.agents.drain(params.id ?? '', drain);
    await audit.recordAfter(drain ? { detail: { reason } } : { action: 'agent.undrain' });
    return new Response(null, { status: 204 });
  },
);
