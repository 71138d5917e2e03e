import { StopRequest } from '../backends/backend';

/** Ends one step, once: the first request counts. */
export interface StopSwitch {
  readonly signal: AbortSignal;
  request(why: StopRequest['why'], graceMs: number, sentence: string): void;
  /** What was asked for, if anything. */
  asked(): { request: StopRequest; sentence: string } | null;
}

export function createStopSwitch(): StopSwitch {
  const controller = new AbortController();
  let asked: { request: StopRequest; sentence: string } | null = null;
  return {
    signal: controller.signal,
    request(why, graceMs, sentence) {
      if (asked) return;
      asked = { request: new StopRequest(why, graceMs), sentence };
      controller.abort(asked.request);
    },
    asked: () => asked,
  };
}
