import { idempotencyKey } from '@/lib/http/idempotency-key';
import { rerunRequest } from '@/lib/model/launch';
import { route } from '@/lib/server';

export const POST = route(
  { access: 'member', body: rerunRequest },
  async ({ context, request, params, principal, body }) => {
    const key = idempotencyKey(request);
    const { summary } = await context.engine.rerun(params.id ?? '', body, principal.name, key);
    return Response.json(summary, { status: 201, headers: { location: `/api/v1/executions/${summary.id}` } });
  },
);
