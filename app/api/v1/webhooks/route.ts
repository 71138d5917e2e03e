import { createWebhook, listWebhooks } from '@/lib/http/operations/webhooks';
import { route } from '@/lib/server';

export const GET = route(listWebhooks, async ({ context }) =>
  Response.json({ items: await context.webhooks.list() }),
);

export const POST = route(createWebhook, async ({ context, principal, body, audit }) => {
  const webhook = await context.webhooks.save(null, body, principal.name);
  await audit.recordAfter({
    subject: { kind: 'webhook', id: webhook.id },
    detail: { name: webhook.name, events: webhook.events },
  });
  const headers = { location: `/api/v1/webhooks/${webhook.id}` };
  return Response.json(webhook, { status: 201, headers });
});
