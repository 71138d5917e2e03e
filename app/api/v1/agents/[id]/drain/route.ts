import { drainAgent } from '@/lib/http/operations/agents';
import { route } from '@/lib/server';

/** `{drained: false}` ends it. */
export const POST = route(
  drainAgent,
  async ({ context, principal, params, body: { drained, reason = '' }, audit }) => {
    const drain = drained === false ? null : { reason, by: principal.name };
    await context.store.agents.drain(params.id ?? '', drain);
    await audit.recordAfter(drain ? { detail: { reason } } : { action: 'agent.undrain' });
    return new Response(null, { status: 204 });
  },
);
