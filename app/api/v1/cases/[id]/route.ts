import { readCase } from '@/lib/http/case-details';
import { getCase } from '@/lib/http/operations/cases';
import { route } from '@/lib/server';

export const GET = route(getCase, async ({ context, params, suites }) =>
  Response.json(await readCase(context.store.cases, params.id ?? '', suites), {
    headers: { 'cache-control': 'no-store' },
  }),
);
