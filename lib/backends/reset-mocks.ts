import { request } from 'node:http';
import { AppError, messageOf } from '../model/errors';
import type { PlannedReset } from '../model/mock-reset';
import type { StepSpec } from '../model/step-spec';

const limitMs = 10_000;

/** Sends one and resolves with the status that came. Rejects when nothing came. */
export type SendReset = (reset: PlannedReset, signal: AbortSignal) => Promise<number>;

/**
 * Brings the mocks that a step names back to their beginning, all before its program starts. Rejects with AppError
 * `backend_failed` and one sentence for the first that could not be; resolves early when the step is stopped.
 */
export async function resetMocks(step: StepSpec, stop: AbortSignal, send: SendReset): Promise<void> {
  await Promise.all(
    (step.resets ?? []).map(async (reset) => {
      const limit = AbortSignal.timeout(limitMs);
      const why = await send(reset, AbortSignal.any([stop, limit])).then(
        (status) =>
          status >= 200 && status < 300 ? null : `it answered ${status}, expected one of the 200s`,
        (error: unknown) => (limit.aborted ? `no answer within ${limitMs / 1000} s` : messageOf(error)),
      );
      if (why === null || stop.aborted) return;
      throw new AppError(
        'backend_failed',
        `The mock ${reset.stepId} could not be reset before step ${step.stepId}: ${reset.method} ${reset.path} on port ${reset.port}: ${why}. Check \`reset\` of the mock.`,
      );
    }),
  );
}

/** For where this process reaches the mock. */
export function sendReset(
  { method, path }: PlannedReset,
  { host, port }: { host: string; port: number },
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': '0', 'user-agent': 'gantry' };
    const sent = request({ method, host, port, path, headers, signal, agent: false }, (response) => {
      // Nothing that it says is read.
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}
