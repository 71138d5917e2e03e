import { settingsDetail } from '@/lib/http/audit-notes';
import { platformSettings } from '@/lib/model/platform-settings';
import { route } from '@/lib/server';

const headers = { 'cache-control': 'no-store' };

export const GET = route({ access: 'admin' }, async ({ context }) =>
  Response.json(await context.settings.show(), { headers }),
);

/** Takes the whole of the settings; a kubeconfig that comes as it was shown stays as it is. */
export const PUT = route(
  {
    access: 'admin',
    body: platformSettings,
    maxBodyBytes: 4_000_000,
    audit: { action: 'settings.change', subject: 'settings' },
  },
  async ({ context, body, audit }) => {
    const saved = await context.settings.save(body);
    await audit.recordAfter({ subject: { kind: 'settings', id: 'platform' }, detail: settingsDetail(saved) });
    return Response.json(saved, { headers });
  },
);
