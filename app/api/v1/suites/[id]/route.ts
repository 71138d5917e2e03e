import { route } from '@/lib/server';

export const GET = route({ access: 'viewer' }, async ({ context, params }) =>
  Response.json(await context.suites.get(params.id ?? '')),
);
