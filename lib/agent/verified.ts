import { createHash } from 'node:crypto';
import { Away } from './patience';

/** The content as it comes; rejects at its end when it is not what the digest (SHA-256, hex) says. */
export async function* verified(
  content: AsyncIterable<Uint8Array>,
  sha256: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (found !== sha256) throw new Away(`a package came with the digest ${found}, expected ${sha256}`);
}
