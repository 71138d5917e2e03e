import { getAuditChain } from '@/lib/http/operations/access';
import { route } from '@/lib/server';

export const GET = route(getAuditChain, async ({ context }) =>
  Response.json(await context.store.audit.chain(), { headers: { 'cache-control': 'no-store' } }),
);
