import { testRegistryLogin } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

export const POST = route(testRegistryLogin, async ({ context, body, audit }) => {
  const found = await context.settings.checkLogin(body);
  const detail = { host: body.host, user: body.user, accepted: found.accepted };
  await audit.recordAfter({ subject: { kind: 'settings', id: 'platform' }, detail });
  return Response.json(found, { headers: { 'cache-control': 'no-store' } });
});
