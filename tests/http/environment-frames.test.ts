import { expect, test } from 'vitest';
import { environmentFrames } from '@/lib/http/environment-frames';
import { checkMayReap } from '@/lib/http/may-reap';
import { progressResponse } from '@/lib/http/progress-response';
import { createSseWriter } from '@/lib/http/sse-writer';
import { toWebResponse } from '@/lib/http/web-response';
import type { Principal } from '@/lib/identity/principal';
import type { Environment, Inventory, LiveInventory } from '@/lib/model/environment';
import { AppError } from '@/lib/model/errors';
import { createFakeClock } from '@/tests/support/fake-clock';
import { silentLogger } from '@/tests/support/silent-logger';
import { serveAnswers } from '@/tests/support/stream-answer';

const inventory: Inventory = { at: '', environments: [], backends: [], warnings: [] };

function usage(number: number, name: string): LiveInventory['usages'][number] {
  const rates = { receivedRate: null, sentRate: null, readRate: null, writtenRate: null, diskBytes: null };
  return {
    number,
    executionId: 'e1',
    name,
    usage: { at: '', cpu: number, memoryBytes: 1, memoryLimitBytes: null, ...rates },
  };
}

/** What a reader of these snapshots is sent. */
async function sent(...values: LiveInventory[]) {
  async function* snapshots() {
    for (const [index, value] of values.entries()) yield { version: index + 1, value };
  }
  const messages = [];
  for await (const bytes of environmentFrames(snapshots())) {
    const data = /^data: (.*)$/m.exec(new TextDecoder().decode(bytes))?.[1] ?? '';
    messages.push(JSON.parse(data));
  }
  return messages;
}

test('the inventory is sent whole when it has changed, and between only the readings that are new', async () => {
  const messages = await sent(
    { inventory, usages: [usage(1, 'api')] },
    { inventory, usages: [usage(1, 'api'), usage(2, 'db')] },
    { inventory, usages: [usage(1, 'api'), usage(2, 'db')] },
    { inventory: { ...inventory }, usages: [usage(1, 'api'), usage(2, 'db')] },
  );
  expect(messages.map(({ type, usage }) => [type, Object.keys(usage.e1)])).toEqual([
    ['inventory', ['api']],
    ['usage', ['db']],
    ['inventory', ['api', 'db']],
  ]);
});

const context = {
  sse: createSseWriter(
    {
      clock: createFakeClock(),
      logger: silentLogger,
      findCallers: async (ids) => new Map(ids.map((id) => [id, () => ''])),
    },
    new AbortController().signal,
  ),
};

async function stream(work: Parameters<typeof progressResponse<unknown, object>>[2]): Promise<string> {
  const server = await serveAnswers('web', context.sse, (request) => progressResponse(request, {}, work));
  try {
    const answer = await fetch(server.url, { headers: { accept: 'text/event-stream' } });
    return await answer.text();
  } finally {
    await server.close();
  }
}

test('progress is streamed with the result last, or the result alone is answered', async () => {
  const work = async (say: (item: object) => void) => {
    say({ type: 'removing' });
    await Promise.resolve();
    say({ type: 'done' });
    return { whole: true };
  };
  const plain = await progressResponse(new Request('http://gantry/'), {}, work);
  expect(plain).toBeInstanceOf(Response);
  expect(await toWebResponse(plain, context).json()).toEqual({ whole: true });
  expect((await stream(work)).match(/^(data|event): .*$/gm)).toEqual([
    'data: {"type":"removing"}',
    'data: {"type":"done"}',
    'event: end',
    'data: {}',
  ]);
});

test('an error that comes after the stream has begun is its last item', async () => {
  const text = await stream(async () => {
    throw new AppError('not_found', 'There is none.');
  });
  expect(text).toContain('data: {"type":"error","code":"not_found","detail":"There is none."}');
});

test('members reap zombies and their own, admins everything', () => {
  const noGrants = { isGranted: () => false };
  const member: Principal = { name: 'ada', role: 'member', via: 'cookie' };
  const of = (state: Environment['state'], author: string): Environment => ({
    ...{ id: 'e1', state, zombieCause: null, reason: '', suiteId: null, profile: null, owner: null },
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    execution: { status: 'running', suiteTitle: 'Hello', author },
    ...{ createdAt: null, deadline: null, keptUntil: null, resources: [], isSeen: true },
  });
  expect(() => checkMayReap(member, of('zombie', 'bob'), noGrants)).not.toThrow();
  expect(() => checkMayReap(member, of('active', 'ada'), noGrants)).not.toThrow();
  expect(() => checkMayReap(member, of('active', 'bob'), noGrants)).toThrow(/bob's/);
  expect(() => checkMayReap(member, of('kept', 'bob'), noGrants)).toThrow(/bob's/);
  expect(() => checkMayReap(member, of('kept', 'bob'), { isGranted: () => true })).not.toThrow();
  expect(() => checkMayReap({ ...member, role: 'admin' }, of('active', 'bob'), noGrants)).not.toThrow();
});
