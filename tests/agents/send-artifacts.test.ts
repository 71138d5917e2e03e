import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlPlane } from '@/lib/agent/control-plane';
import { createArtifactSender } from '@/lib/agent/send-artifacts';
import { systemClock } from '@/lib/clock';
import { AppError } from '@/lib/model/errors';
import { batchLimits } from '@/lib/model/job';
import { silentLogger } from '../support/silent-logger';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-send-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const artifact = (name: string, size: number, told = size) => ({
  path: name,
  format: 'file' as const,
  bytes: told,
  content: Readable.from(size === 0 ? [] : [Buffer.alloc(size, name)]),
});

/** What a control plane is sent: the paths of each request. */
function openSender(refuse: (paths: readonly string[]) => AppError | null = () => null) {
  const requests: { kind: 'one' | 'batch'; paths: string[]; bytes: number }[] = [];
  const refused: string[] = [];
  const take = (kind: 'one' | 'batch', paths: string[], bytes: number) => {
    requests.push({ kind, paths, bytes });
    const refusal = refuse(paths);
    if (refusal) throw refusal;
  };
  const plane: Pick<ControlPlane, 'sendFile' | 'sendFiles'> = {
    sendFile: async (_held, file) => take('one', [file.path], (await readFile(file.name)).length),
    sendFiles: async (_held, files) =>
      take(
        'batch',
        files.map((each) => each.path),
        files.reduce((sum, { content }) => sum + Buffer.from(content, 'base64').length, 0),
      ),
  };
  const sender = createArtifactSender(
    { clock: systemClock, logger: silentLogger, plane, folder },
    { id: 'job', leaseToken: 'lease' },
    new AbortController().signal,
    (name, why) => refused.push(`${name}: ${why}`),
  );
  return { sender, requests, refused };
}

describe('the artifacts of an agent', () => {
  it('go together while they are small, in their order', async () => {
    const { sender, requests } = openSender();
    for (let number = 0; number < 1_200; number += 1) await sender.send(artifact(`${number}`, 10));
    await sender.send(artifact('large', batchLimits.fileBytes + 1));
    await sender.send(artifact('empty', 0));
    await sender.flush();
    await sender.flush();
    expect(requests.map(({ kind, paths, bytes }) => [kind, paths.length, bytes])).toEqual([
      ['batch', 500, 5_000],
      ['batch', 500, 5_000],
      ['batch', 200, 2_000],
      ['one', 1, batchLimits.fileBytes + 1],
      ['batch', 1, 0],
    ]);
    expect(requests.flatMap(({ paths }) => paths).slice(-2)).toEqual(['large', 'empty']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('are never more than fits into one request, whatever a file is said to hold', async () => {
    const { sender, requests } = openSender();
    for (let number = 0; number < 20; number += 1)
      await sender.send(artifact(`${number}`, batchLimits.fileBytes));
    await sender.send(artifact('grown', batchLimits.fileBytes + 1, 10));
    await sender.flush();
    expect(requests.map(({ kind, paths }) => [kind, paths.length])).toEqual([
      ['batch', 16],
      ['one', 1],
      ['batch', 4],
    ]);
  });

  it('are sent again one by one where the control plane does not take them together', async () => {
    const tooLarge = new AppError('payload_too_large', 'larger than the limit of 5 bytes');
    const { sender, requests, refused } = openSender((paths) => (paths.includes('b') ? tooLarge : null));
    for (const name of ['a', 'b', 'c']) await sender.send(artifact(name, 10));
    await sender.flush();
    expect(requests.map(({ kind, paths }) => [kind, ...paths])).toEqual([
      ['batch', 'a', 'b', 'c'],
      ['one', 'a'],
      ['one', 'b'],
      ['one', 'c'],
    ]);
    expect(refused).toEqual(['b: larger than the limit of 5 bytes']);

    const older = openSender((paths) =>
      paths.length > 1 ? new AppError('not_found', 'no such route') : null,
    );
    for (const name of ['a', 'b']) await older.sender.send(artifact(name, 10));
    await older.sender.flush();
    expect(older.requests.map(({ kind }) => kind)).toEqual(['batch', 'one', 'one']);
  });

  it('are lost with the job that is not ours any more', async () => {
    const { sender } = openSender(() => new AppError('stale_fence', 'another agent has it'));
    await sender.send(artifact('a', 10));
    await expect(sender.flush()).rejects.toThrow('another agent has it');
  });
});
