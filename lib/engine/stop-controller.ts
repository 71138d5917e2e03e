import { StopRequest } from '../backends/backend';

/** Ends one step, once: the first request counts. */
export interface StopController {
  readonly signal: AbortSignal;
  request(why: StopRequest['why'], graceMs: number, sentence: string): void;
  /** What was asked for, if anything. */
  requested(): { request: StopRequest; sentence: string } | null;
}

export function createStopController(): StopController {
  const controller = new AbortController();
  let requested: { request: StopRequest; sentence: string } | null = null;
  return {
    signal: controller.signal,
    request(why, graceMs, sentence) {
      if (requested) return;
      requested = { request: new StopRequest(why, graceMs), sentence };
      controller.abort(requested.request);
    },
    requested: () => requested,
  };
}
