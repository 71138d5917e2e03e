import { route } from '@/lib/server';

export const GET = route({ access: 'viewer' }, async ({ context }) =>
  Response.json({ items: await context.suites.list() }),
);
