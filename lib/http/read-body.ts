import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { RouteRequest } from './route-request';

/** A body that is no file is sent at once, and at no less than this pace: who takes longer holds a connection open. */
export const bodyLimitMs = 30_000;
const minBytesPerMs = 10;
const maxDrainedBytes = 16 * 1024 * 1024;

/**
 * The whole body, of at most `maxBytes`. Rejects with `payload_too_large`, with `request_timeout` when it comes
 * too slowly, and with `bad_request` when the client breaks it off.
 */
export async function readBody(
  { clock }: { clock: Clock },
  request: RouteRequest,
  maxBytes: number,
): Promise<Buffer> {
  const over = new AbortController();
  const body = request.body?.[Symbol.asyncIterator]();
  const beganAtMs = clock.monotonicMs();
  const sleepUntil = (ms: number) =>
    clock.sleep(beganAtMs + ms - clock.monotonicMs(), over.signal).then((): 'late' => 'late');
  let late = sleepUntil(bodyLimitMs);
  let reading = body?.next();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    while (body && reading) {
      const next = await Promise.race([reading, late]).catch((error: unknown) => {
        throw new AppError('bad_request', 'The request body was broken off before its end.', {
          cause: error,
        });
      });
      if (next === 'late') {
        const allowedMs = bodyLimitMs + bytes / minBytesPerMs;
        if (clock.monotonicMs() - beganAtMs >= allowedMs) throw tooSlow(bytes, allowedMs);
        late = sleepUntil(allowedMs);
        continue;
      }
      if (next.done) break;
      bytes += next.value.byteLength;
      if (bytes <= maxBytes) chunks.push(next.value);
      // To stop reading closes the connection, and the client may not see the answer: only what is far too large does.
      else if (bytes > maxBytes + maxDrainedBytes) break;
      reading = body.next();
    }
  } finally {
    over.abort();
  }
  if (bytes > maxBytes) {
    const size = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes / 1024} KiB`;
    throw new AppError('payload_too_large', `The request body is larger than ${size}.`);
  }
  return Buffer.concat(chunks);
}

function tooSlow(bytes: number, allowedMs: number): AppError {
  const seconds = Math.round(allowedMs / 1_000);
  return new AppError(
    'request_timeout',
    `The request body came too slowly: ${bytes} bytes of it in ${seconds} s. Send it again over a faster connection.`,
  );
}
