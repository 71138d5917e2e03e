import { listAuditEntries } from '@/lib/http/operations/access';
import { route } from '@/lib/server';

/** Who did what, newest first. */
export const GET = route(listAuditEntries, async ({ context, query: { limit, cursor, ...filter } }) =>
  Response.json(await context.store.audit.list(filter, limit ?? 50, cursor ?? null), {
    headers: { 'cache-control': 'no-store' },
  }),
);
