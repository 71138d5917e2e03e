import { followOverview } from '@/lib/http/operations/platform';
import { frame, sseResponse } from '@/lib/http/sse';
import { route } from '@/lib/server';

const encoder = new TextEncoder();

/** The whole overview now and after every change. */
export const GET = route(followOverview, async ({ context }) =>
  sseResponse(context, async function* (signal) {
    for await (const { version, value } of context.overview.follow(signal)) {
      yield encoder.encode(frame(version, JSON.stringify(value)));
    }
  }),
);
