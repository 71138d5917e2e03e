import { retryWebhookDelivery } from '@/lib/http/operations/webhooks';
import { route } from '@/lib/server';

export const POST = route(retryWebhookDelivery, async ({ context, params }) => {
  await context.webhooks.sendAgain(params.id ?? '');
  return new Response(null, { status: 204 });
});
