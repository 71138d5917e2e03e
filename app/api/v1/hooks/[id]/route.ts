import { receiveHook } from '@/lib/http/operations/triggers';
import { readBody } from '@/lib/http/read-body';
import { route } from '@/lib/server';

const longestMessage = 5 * 1024 * 1024;

export const POST = route(receiveHook, async ({ context, params, request }) => {
  const body = await readBody(context, request, longestMessage);
  const outcome = await context.triggers.receive(params.id ?? '', { headers: request.headers, body });
  return Response.json(outcome, { status: outcome.status === 'launched' ? 201 : 200 });
});
