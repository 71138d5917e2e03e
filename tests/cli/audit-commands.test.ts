import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportAudit, verifyAudit } from '@/lib/cli/commands/audit';
import type { CommandContext } from '@/lib/cli/terminal';
import { createApiClient } from '@/lib/client/api-client';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

let plane: TestControlPlane;
let folder: string;
let printed: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-audit-'));
  for (const name of ['one', 'two', 'three']) await plane.post('/api/v1/tokens', { name, role: 'viewer' });
});
afterAll(async () => {
  await plane?.close();
  await rm(folder, { recursive: true, force: true });
});

const context = (): CommandContext => {
  printed = [];
  const take = (text: string) => void printed.push(text);
  return { json: false, terminal: { env: {}, isInteractive: false, ci: null, print: take, note: take } };
};
const api = () => createApiClient({ url: plane.url, token: plane.admin });
const verify = (file?: string, options: { head?: string } = {}) =>
  verifyAudit(context(), async () => api(), file, options);

it('verifies the log and an export of it, and finds what was changed, removed at its end, or both with its head', async () => {
  await exportAudit(context(), api());
  const lines = [...printed];
  expect(lines).toHaveLength(3);
  const file = path.join(folder, 'audit.jsonl');
  await writeFile(file, lines.join('\n'));
  await verify(file);
  expect(printed.join()).toMatch(/^2 entries follow each other, after entry \d+\. The newest is \d+:\w{64}$/);
  await writeFile(file, lines.join('\n').replace('"two"', '"TWO"'));
  await expect(verify(file)).rejects.toThrow(/^The audit log was changed\.\nEntry \d+ does not follow entry/);
  await writeFile(file, 'no JSON\n');
  await expect(verify(file)).rejects.toThrow(/Expected an entry .* found no JSON/);
  await expect(verify(path.join(folder, 'none'))).rejects.toThrow(/ENOENT/);

  await verify();
  expect(printed.join()).toMatch(/^3 entries follow each other, after entry 0\./);
  const head = printed.join().split(' ').at(-1) ?? '';
  await plane.post('/api/v1/tokens', { name: 'four', role: 'viewer' });
  await verify(undefined, { head });
  await expect(verify(undefined, { head: 'x' })).rejects.toThrow(/expected ID:HASH/);

  const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1 });
  try {
    await sql`delete from audit_entries where seq >= 3`;
    await expect(verify()).rejects.toThrow(/^The audit log was changed\.\nThere is no entry 4 with the hash/);
    await sql`update audit_chains set head_seq = seq, head_hash = hash from audit_entries where seq = 2`;
    await verify();
    await expect(verify(undefined, { head })).rejects.toThrow(/There is no entry 3 with the hash/);
  } finally {
    await sql.end();
  }
});

it('exports entries to admins alone', async () => {
  const made = await plane.post('/api/v1/tokens', { name: 'reader', role: 'viewer' });
  const { token } = await made.json();
  for (const place of ['export', 'chain'])
    expect((await plane.call(`/api/v1/audit/${place}`, { token })).status).toBe(403);
  expect((await plane.call('/api/v1/audit/export?after=-1')).status).toBe(400);
  expect((await plane.call('/api/v1/audit/export?after=999')).headers.get('content-type')).toBe(
    'application/x-ndjson',
  );
});
