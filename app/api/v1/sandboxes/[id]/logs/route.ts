import { getContainerLogs } from '@/lib/http/operations/sandboxes';
import { route } from '@/lib/server';

/** The last lines of a container as its backend keeps them: of a zombie nothing else is left. */
export const GET = route(getContainerLogs, async ({ context, params, query: { resource, lines } }) => {
  const text = await context.engine.environments.lastLines(params.id ?? '', resource, lines);
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
});
