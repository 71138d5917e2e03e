import { launchNote } from '@/lib/http/audit-notes';
import { executionFilter } from '@/lib/http/execution-queries';
import { idempotencyKey } from '@/lib/http/idempotency-key';
import { createExecution, listExecutions } from '@/lib/http/operations/executions';
import { route } from '@/lib/server';

export const GET = route(listExecutions, async ({ context, query, suites }) =>
  Response.json(
    await context.store.executions.list(
      { ...executionFilter(query), scope: suites.scope },
      query.limit ?? 50,
      query.cursor ?? null,
    ),
  ),
);

export const POST = route(createExecution, async ({ context, request, principal, body, audit }) => {
  const { summary, created } = await context.engine.launch(
    body,
    principal.name,
    idempotencyKey(request, principal),
  );
  if (created) await audit.recordAfter(launchNote(summary, body));
  else audit.skip();
  return Response.json(summary, { status: 201, headers: { location: `/api/v1/executions/${summary.id}` } });
});
