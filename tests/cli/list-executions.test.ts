import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { listExecutions } from '@/lib/cli/commands/executions';
import { createApiClient } from '@/lib/client/api-client';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const summary = (id: string) => ({
  ...{ id, suite: { id: 'two', title: 'Two' }, profile: 'default', backend: { id: 'process' } },
  ...{ status: 'passed', author: 'ana', createdAt: '2026-01-31T12:00:00.000Z' },
  ...{ startedAt: null, finishedAt: null },
});

/** A server that answers pages with these ids, one after the other, and never more than it is asked for. */
async function serve(pages: string[][]) {
  const asked: URLSearchParams[] = [];
  const answering = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://gantry').searchParams;
    asked.push(query);
    const at = Number(query.get('cursor') ?? 0);
    const items = (pages[at] ?? []).slice(0, Number(query.get('limit'))).map(summary);
    const nextCursor = at + 1 < pages.length ? String(at + 1) : null;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items, nextCursor }));
  });
  await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
  server = answering;
  const { port } = answering.address() as AddressInfo;
  return { asked, api: createApiClient({ url: `http://127.0.0.1:${port}`, token: null }) };
}

async function list(
  { api }: Awaited<ReturnType<typeof serve>>,
  options: Parameters<typeof listExecutions>[2],
  json = false,
): Promise<string> {
  const printed: string[] = [];
  const terminal = {
    ...{ env: {}, isInteractive: false, ci: null, note: () => undefined },
    print: (text: string) => void printed.push(text),
  };
  await listExecutions({ terminal, json }, api, options);
  return printed.join('\n');
}

it('goes on through pages without hits until there are as many as asked for', async () => {
  const served = await serve([['a'], [], ['b', 'c'], ['d']]);
  const text = await list(served, { search: 'x', author: 'ana', limit: '3' });
  expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual(['ID', 'a', 'b', 'c', 'There']);
  expect(text).toContain('There may be more. The same with --limit 12 shows them.');
  expect(served.asked.map((query) => [query.get('cursor'), query.get('limit')])).toEqual([
    [null, '3'],
    ['1', '2'],
    ['2', '2'],
  ]);
  for (const query of served.asked) expect([query.get('q'), query.get('author')]).toEqual(['x', 'ana']);
});

it('goes on to the end when there are fewer, and says nothing of more', async () => {
  const served = await serve([[], ['a'], []]);
  expect(JSON.parse(await list(served, { profile: 'nightly' }, true))).toMatchObject({
    items: [{ id: 'a' }],
    nextCursor: null,
  });
  expect(served.asked).toHaveLength(3);
  expect(await list(served, { profile: 'nightly' })).not.toContain('more');
});

it('says how to narrow a list that cannot be longer', async () => {
  const ids = Array.from({ length: 200 }, (_, index) => `x${index}`);
  const served = await serve([ids, ['y']]);
  expect(await list(served, { limit: '200' })).toContain('No list is longer: narrow it with --suite');
  expect(served.asked).toHaveLength(1);
});
