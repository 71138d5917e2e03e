import { jsonOrUnchanged } from '@/lib/http/json-or-unchanged';
import { getSuite } from '@/lib/http/operations/suites';
import { withRights } from '@/lib/http/visible';
import { route } from '@/lib/server';

export const GET = route(getSuite, async ({ context, request, params, suites }) =>
  jsonOrUnchanged(request, withRights(await context.suites.get(params.id ?? ''), suites)),
);
