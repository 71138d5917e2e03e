import { jsonOrUnchanged } from '@/lib/http/json-or-unchanged';
import { listSuites } from '@/lib/http/operations/suites';
import { withRights } from '@/lib/http/visible';
import { route } from '@/lib/server';

export const GET = route(listSuites, async ({ context, request, suites }) =>
  jsonOrUnchanged(request, {
    items: (await context.suites.list())
      .filter(({ id }) => suites.may('see', id))
      .map((suite) => withRights(suite, suites)),
  }),
);
