import type { Principal } from '../identity/principal';
import type { FrameStream, OpenFrames } from './route-result';

export const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  // no-transform: Next would compress the stream; x-accel-buffering: nginx would hold it back.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** One item as Server-Sent Events write it: `id` is where to go on, there is no event name. */
export function frame(id: number, json: string): string {
  return `id: ${id}\ndata: ${json}\n\n`;
}

/** Answers the caller with frames as they come. `SseWriter` says how they are sent, and for how long. */
export function frameStream(
  { tokenId, standing }: Pick<Principal, 'tokenId' | 'standing'>,
  open: OpenFrames,
): FrameStream {
  return { open, callerTokenId: tokenId ?? null, callerStandings: standing ? [standing()] : [] };
}

/** The answer to a client that has seen everything of a finished execution. EventSource stops on it. */
export function nothingMore(): Response {
  return new Response(null, { status: 204 });
}
