import { listSuites } from '@/lib/http/operations/suites';
import { route } from '@/lib/server';

export const GET = route(listSuites, async ({ context }) =>
  Response.json({ items: await context.suites.list() }),
);
