import { deleteTrigger, getTrigger, updateTrigger } from '@/lib/http/operations/triggers';
import { route } from '@/lib/server';

export const GET = route(getTrigger, async ({ context, params }) =>
  Response.json(await context.triggers.get(params.id ?? '')),
);

export const PUT = route(updateTrigger, async ({ context, principal, params, body, audit }) => {
  const trigger = await context.triggers.save(params.id ?? '', body, principal.name);
  const { name, provider, suiteId, enabled } = trigger;
  await audit.recordAfter({ detail: { name, provider, suiteId, enabled } });
  return Response.json(trigger);
});

export const DELETE = route(deleteTrigger, async ({ context, params }) => {
  await context.triggers.remove(params.id ?? '');
  return new Response(null, { status: 204 });
});
