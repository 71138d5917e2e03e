import { auditQuery } from '@/lib/http/audit-query';
import { route } from '@/lib/server';

/** Who did what, newest first. */
export const GET = route(
  { access: 'admin', query: auditQuery },
  async ({ context, query: { limit, cursor, ...filter } }) =>
    Response.json(await context.store.audit.list(filter, limit ?? 50, cursor ?? null), {
      headers: { 'cache-control': 'no-store' },
    }),
);
