import { createHash } from 'node:crypto';
import { AppError } from '../model/errors';
import type { StepInput } from '../model/step-input';

/** Yields the content as it comes and rejects with `backend_failed` at its end if it is not what was stored. */
export async function* verifiedInput(
  content: AsyncIterable<Uint8Array>,
  { target, bytes, sha256 }: StepInput,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content) {
    size += chunk.byteLength;
    if (size > bytes) break;
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (size === bytes && found === sha256) return;
  throw new AppError(
    'backend_failed',
    `The input ${target} came with ${size} bytes and the SHA-256 ${found}, expected ${bytes} and ${sha256}.`,
  );
}
