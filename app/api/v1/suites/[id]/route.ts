import { getSuite } from '@/lib/http/operations/suites';
import { route } from '@/lib/server';

export const GET = route(getSuite, async ({ context, params }) =>
  Response.json(await context.suites.get(params.id ?? '')),
);
