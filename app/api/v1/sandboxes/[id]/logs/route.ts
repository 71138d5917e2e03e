import { z } from 'zod';
import { route } from '@/lib/server';

const query = z.strictObject({
  resource: z.string().min(1).max(300),
  lines: z.coerce.number().int().min(1).max(10_000).default(200),
});

/** The last lines of a container as its backend keeps them: of a zombie nothing else is left. */
export const GET = route(
  { access: 'viewer', query },
  async ({ context, params, query: { resource, lines } }) => {
    const text = await context.engine.environments.lastLines(params.id ?? '', resource, lines);
    return new Response(text, {
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    });
  },
);
