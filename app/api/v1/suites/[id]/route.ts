import { jsonOrUnchanged } from '@/lib/http/json-or-unchanged';
import { getSuite } from '@/lib/http/operations/suites';
import { route } from '@/lib/server';

export const GET = route(getSuite, async ({ context, request, params }) =>
  jsonOrUnchanged(request, await context.suites.get(params.id ?? '')),
);
