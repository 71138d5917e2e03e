import { route } from '@/lib/server';

export const POST = route({ access: 'member' }, async ({ context, params, principal }) =>
  Response.json(await context.engine.cancel(params.id ?? '', principal.name), { status: 202 }),
);
