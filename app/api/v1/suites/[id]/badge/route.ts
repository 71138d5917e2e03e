import { getBadge } from '@/lib/http/operations/suites';
import { showBadge } from '@/lib/http/show-badge';
import { route } from '@/lib/server';

export const GET = route(getBadge, async ({ context, request, principal, params, query }) =>
  showBadge(context, { request, principal }, params.id ?? '', query),
);
