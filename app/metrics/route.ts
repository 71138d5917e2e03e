import { route } from '@/lib/server';

/** For Prometheus, whose scrapers rarely have a token: nothing in it is a name. */
export const GET = route({ access: 'public' }, async ({ context }) => {
  const { metrics } = context;
  return new Response(await metrics.expose(context), {
    headers: { 'content-type': metrics.contentType, 'cache-control': 'no-store' },
  });
});
