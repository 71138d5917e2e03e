import { listCases } from '@/lib/http/case-list';
import { listCases as operation } from '@/lib/http/operations/cases';
import { route } from '@/lib/server';

export const GET = route(operation, async ({ context, query, suites }) =>
  Response.json(await listCases(context.store.cases, query, suites.scope), {
    headers: { 'cache-control': 'no-store' },
  }),
);
