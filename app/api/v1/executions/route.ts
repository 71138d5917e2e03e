import { executionFilter, listQuery } from '@/lib/http/execution-queries';
import { AppError } from '@/lib/model/errors';
import { launchRequest } from '@/lib/model/launch';
import { route } from '@/lib/server';

export const GET = route({ access: 'viewer', query: listQuery }, async ({ context, query }) =>
  Response.json(
    await context.store.executions.list(executionFilter(query), query.limit ?? 50, query.cursor ?? null),
  ),
);

export const POST = route(
  { access: 'member', body: launchRequest },
  async ({ context, request, principal, body }) => {
    const key = request.headers.get('idempotency-key');
    if (key !== null && (key.length < 1 || key.length > 200)) {
      throw new AppError('bad_request', 'The Idempotency-Key is not valid: expected 1 to 200 characters.');
    }
    const { summary } = await context.engine.launch(body, principal.name, key);
    return Response.json(summary, { status: 201, headers: { location: `/api/v1/executions/${summary.id}` } });
  },
);
