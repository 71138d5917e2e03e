import { createHash } from 'node:crypto';
import type { Store } from '../../store/store';

const known = new Map<string, string>();
const maxKnown = 1_000;

/** SHA-256 of a package's bytes as they are sent. Packages never change, so each is read for it once. */
export async function transferDigest({ store }: { store: Store }, packageDigest: string): Promise<string> {
  const before = known.get(packageDigest);
  if (before) return before;
  const hash = createHash('sha256');
  for await (const chunk of await store.packages.open(packageDigest)) hash.update(chunk);
  const digest = hash.digest('hex');
  if (known.size >= maxKnown) known.clear();
  known.set(packageDigest, digest);
  return digest;
}
