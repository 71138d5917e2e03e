import { streamOverview } from '@/lib/http/operations/platform';
import { frame, frameStream } from '@/lib/http/sse';
import { route } from '@/lib/server';

const encoder = new TextEncoder();

/** The whole overview now and after every change. */
export const GET = route(streamOverview, async ({ context, principal, suites }) =>
  frameStream(principal, async function* (signal) {
    for await (const { version, value } of context.overviews(suites.scope).follow(signal)) {
      yield encoder.encode(frame(version, JSON.stringify(value)));
    }
  }),
);
