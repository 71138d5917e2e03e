import { settingsDetail } from '@/lib/http/audit-notes';
import { getPlatformSettings, updatePlatformSettings } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

const headers = { 'cache-control': 'no-store' };

export const GET = route(getPlatformSettings, async ({ context }) =>
  Response.json(await context.settings.show(), { headers }),
);

/** Takes the whole of the settings; a kubeconfig that comes as it was shown stays as it is. */
export const PUT = route(updatePlatformSettings, async ({ context, body, audit }) => {
  const saved = await context.settings.save(body);
  await audit.recordAfter({ subject: { kind: 'settings', id: 'platform' }, detail: settingsDetail(saved) });
  return Response.json(saved, { headers });
});
