import { createHash } from 'node:crypto';
import { ControlPlaneUnavailable } from './retry';

/** Yields the content as it arrives and rejects at its end if it does not match the digest (SHA-256, hex). */
export async function* verifyPackage(
  content: AsyncIterable<Uint8Array>,
  sha256: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (found !== sha256)
    throw new ControlPlaneUnavailable(`a package came with the digest ${found}, expected ${sha256}`);
}
