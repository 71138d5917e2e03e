import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ApiClient } from '../../client/api-client';
import {
  type AuditChain,
  type AuditLink,
  auditLink,
  exportedAuditEntry,
  firstAuditHash,
  followAuditChain,
} from '../../model/audit-chain';
import { CommandError, exitCodes } from '../exit-codes';
import { type CommandContext, printResult } from '../terminal';

const maxFaults = 20;
const maxTries = 3;

/** `gantry audit export`: every entry as a line of JSON, the oldest first. */
export async function exportAudit({ terminal }: CommandContext, api: ApiClient): Promise<void> {
  for await (const line of await download(api, '0')) terminal.print(line);
}

/**
 * `gantry audit verify`: computes every hash of the log again, here and not on the server. `file`: an export, in whose
 * first entry is believed. `head`: `ID:HASH` of an entry that was noted earlier and has to be there still.
 */
export async function verifyAudit(
  context: CommandContext,
  connect: () => Promise<ApiClient>,
  file: string | undefined,
  options: { head?: string },
): Promise<void> {
  const noted = options.head === undefined ? null : parseHead(options.head);
  const found =
    file === undefined
      ? await verifyServer(await connect(), noted)
      : await follow(linesOf(createReadStream(file)), null, noted);
  const head = `${found.last.id}:${found.last.hash}`;
  if (found.faults.length > 0) {
    const more = found.faults.length > maxFaults ? ['More entries do not follow.'] : [];
    const lines = [...found.faults.slice(0, maxFaults), ...more];
    throw new CommandError(exitCodes.failed, `The audit log was changed.\n${lines.join('\n')}`);
  }
  printResult(context, { checked: found.checked, start: found.start, head: found.last }, () => [
    `${found.checked} entries follow each other, after entry ${found.start.id}. The newest is ${head}`,
  ]);
}

interface Found {
  start: AuditLink;
  last: AuditLink;
  checked: number;
  faults: string[];
}

/** Retention may take the beginning away while it is read: then it is read again. */
async function verifyServer(api: ApiClient, noted: AuditLink | null): Promise<Found> {
  for (let tries = 1; ; tries += 1) {
    const chain = await api.get('/api/v1/audit/chain', {});
    const found = await follow(await download(api, chain.start.id), chain, noted);
    const { start } = await api.get('/api/v1/audit/chain', {});
    if (found.faults.length === 0 || start.id === chain.start.id || tries === maxTries) return found;
  }
}

async function follow(
  lines: AsyncIterable<string>,
  chain: AuditChain | null,
  noted: AuditLink | null,
): Promise<Found> {
  const faults: string[] = [];
  const missing = new Map(
    [chain?.head, noted].flatMap((link) => (link && link.id !== chain?.start.id ? [[link.id, link]] : [])),
  );
  let start = chain?.start ?? null;
  let follower = start && followAuditChain(start, sha256);
  for await (const line of lines) {
    if (faults.length > maxFaults) break;
    const { hash, ...entry } = parseEntry(line);
    const link = hash === null ? null : { id: entry.id, hash };
    const expected = missing.get(entry.id);
    if (link && expected?.hash === link.hash) missing.delete(entry.id);
    if (!follower && link) {
      start = link;
      follower = followAuditChain(link, sha256);
      continue;
    }
    const fault = follower?.add({ hash, ...entry });
    if (fault) faults.push(fault);
  }
  for (const { id, hash } of missing.values()) {
    faults.push(`There is no entry ${id} with the hash ${hash}: it was changed, removed, or is too old.`);
  }
  const begin = start ?? { id: '0', hash: firstAuditHash };
  return { start: begin, last: follower?.last() ?? begin, checked: follower?.checked() ?? 0, faults };
}

async function download(api: ApiClient, after: string): Promise<AsyncIterable<string>> {
  const { body } = await api.download('/api/v1/audit/export', { query: { after } });
  if (!body)
    throw new CommandError(exitCodes.errored, 'The control plane has answered without the audit log.');
  return linesOf(body);
}

async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseEntry(line: string) {
  try {
    return exportedAuditEntry.parse(JSON.parse(line));
  } catch (cause) {
    const found = line.slice(0, 100);
    throw new CommandError(
      exitCodes.failed,
      `Expected an entry of an exported audit log on each line, found ${found}`,
      { cause },
    );
  }
}

function parseHead(text: string): AuditLink {
  const [id, hash] = text.split(':');
  const parsed = auditLink.safeParse({ id, hash });
  if (parsed.success) return parsed.data;
  throw new Error(
    `--head: expected ID:HASH as "gantry audit verify" prints it, found ${text.slice(0, 100)}.`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
