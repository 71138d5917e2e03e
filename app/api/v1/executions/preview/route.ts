import { previewLaunch } from '@/lib/http/operations/executions';
import { route } from '@/lib/server';

/** The plan that a launch with this request would run. Writes nothing. */
export const POST = route(previewLaunch, async ({ context, body }) =>
  Response.json(await context.engine.preview(body)),
);
