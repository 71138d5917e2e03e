import { deleteWebhook, getWebhook, updateWebhook } from '@/lib/http/operations/webhooks';
import { route } from '@/lib/server';

export const GET = route(getWebhook, async ({ context, params }) =>
  Response.json(await context.webhooks.get(params.id ?? '')),
);

export const PUT = route(updateWebhook, async ({ context, principal, params, body, audit }) => {
  const webhook = await context.webhooks.save(params.id ?? '', body, principal.name);
  const { name, events, enabled } = webhook;
  await audit.recordAfter({ detail: { name, events, enabled } });
  return Response.json(webhook);
});

export const DELETE = route(deleteWebhook, async ({ context, params }) => {
  await context.webhooks.remove(params.id ?? '');
  return new Response(null, { status: 204 });
});
