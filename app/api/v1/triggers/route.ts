import { createTrigger, listTriggers } from '@/lib/http/operations/triggers';
import { route } from '@/lib/server';

export const GET = route(listTriggers, async ({ context }) =>
  Response.json({ items: await context.triggers.list() }),
);

export const POST = route(createTrigger, async ({ context, principal, body, audit }) => {
  const trigger = await context.triggers.save(null, body, principal.name);
  const { name, provider, suiteId } = trigger;
  await audit.recordAfter({
    subject: { kind: 'trigger', id: trigger.id },
    detail: { name, provider, suiteId },
  });
  const headers = { location: `/api/v1/triggers/${trigger.id}` };
  return Response.json(trigger, { status: 201, headers });
});
