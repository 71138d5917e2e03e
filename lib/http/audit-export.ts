import type { Store } from '../store/store';

const entriesAtOnce = 500;

/** Entries of the audit log as JSON lines with their hashes, the oldest first, up to where the log ends now. */
export async function* exportAudit(
  { store }: { store: Pick<Store, 'audit'> },
  after: string,
): AsyncIterable<Uint8Array> {
  let last = after;
  for (;;) {
    const entries = await store.audit.after(last, entriesAtOnce);
    if (entries.length > 0) yield Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    last = entries.at(-1)?.id ?? last;
    if (entries.length < entriesAtOnce) return;
  }
}
