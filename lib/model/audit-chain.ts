import { z } from 'zod';
import { type AuditEntry, auditEntry } from './audit';

/** The hash that the first entry of all follows. */
export const firstAuditHash = '0'.repeat(64);

/** SHA-256, in hexadecimal. */
const auditHash = z.string().regex(/^[0-9a-f]{64}$/);

/** A place in the chain: the entry with this id has this hash. */
export const auditLink = z.object({ id: z.string(), hash: auditHash });
export type AuditLink = z.infer<typeof auditLink>;

/** Where the chain begins and ends now. Entries up to `start` are gone, or are older than the chain. */
export const auditChain = z.object({ start: auditLink, head: auditLink });
export type AuditChain = z.infer<typeof auditChain>;

/** An entry as it is exported. `hash`: null for entries that are older than the chain. */
export const exportedAuditEntry = auditEntry.extend({ hash: auditHash.nullable() });
export type ExportedAuditEntry = z.infer<typeof exportedAuditEntry>;

/**
 * The text whose SHA-256 is the hash of an entry: the hash of the entry before it, a line feed, and the entry as JSON
 * without spaces, with the keys of every object in the order of their UTF-16 units.
 */
export function auditChainText(previousHash: string, entry: AuditEntry): string {
  const { id, at, actor, action, subject, outcome, detail, address } = entry;
  return `${previousHash}\n${sortedJson({ id, at, actor, action, subject, outcome, detail, address })}`;
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${sortedJson(each)}`);
  return `{${fields.join(',')}}`;
}

/**
 * Follows a chain through entries, the oldest first. `sha256` answers in hexadecimal. `add` answers with what is wrong,
 * or null; after a fault it goes on from the entry's own hash, so that each fault is reported once.
 */
export function followAuditChain(start: AuditLink, sha256: (text: string) => string) {
  let last = start;
  let checked = 0;
  return {
    last: () => last,
    checked: () => checked,
    add({ hash, ...entry }: ExportedAuditEntry): string | null {
      const { id } = entry;
      const isOlder = BigInt(id) <= BigInt(start.id);
      if (isOlder) return null;
      if (hash === null) return `Entry ${id} has no hash: it was not written by this version of Gantry.`;
      const expected = sha256(auditChainText(last.hash, entry));
      const before = last.id;
      last = { id, hash };
      checked += 1;
      if (hash === expected) return null;
      return `Entry ${id} does not follow entry ${before}: expected the hash ${expected}, found ${hash}. It was changed, or an entry between them was removed.`;
    },
  };
}
