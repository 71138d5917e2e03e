import { launchRequest } from '@/lib/model/launch';
import { route } from '@/lib/server';

/** The plan that a launch with this request would run. Writes nothing. */
export const POST = route({ access: 'viewer', body: launchRequest }, async ({ context, body }) =>
  Response.json(await context.engine.preview(body)),
);
