import { idempotencyKey } from '@/lib/http/idempotency-key';
import { rerunExecution } from '@/lib/http/operations/executions';
import { route } from '@/lib/server';

export const POST = route(rerunExecution, async ({ context, request, params, principal, body, audit }) => {
  const key = idempotencyKey(request, principal);
  const { summary, created } = await context.engine.rerun(params.id ?? '', body, principal.name, key);
  if (created) await audit.recordAfter({ detail: { only: body.only, execution: summary.id } });
  else audit.skip();
  return Response.json(summary, { status: 201, headers: { location: `/api/v1/executions/${summary.id}` } });
});
