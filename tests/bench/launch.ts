import { z } from 'zod';
import type { BenchServer } from './bench-server';
import { openSse } from './sse-client';

const summary = z.object({ id: z.string(), status: z.string() });
const receipt = z.object({
  status: z.string(),
  receipt: z.object({ created: z.number(), left: z.array(z.unknown()) }).nullable(),
});

export async function launch(server: BenchServer, suiteId: string, backend = 'local'): Promise<string> {
  const body = JSON.stringify({ suiteId, backend });
  const response = await server.call('/api/v1/executions', { method: 'POST', body });
  return summary.parse(await response.json()).id;
}

/** From the launch to the end as a client sees it, in milliseconds. Rejects unless it passed and left nothing. */
export async function launchAndFinish(
  server: BenchServer,
  suiteId: string,
  backend = 'local',
): Promise<{ id: string; ms: number }> {
  const startedMs = performance.now();
  const id = await launch(server, suiteId, backend);
  await finished(server, id);
  const ms = performance.now() - startedMs;
  await checkPassed(server, id);
  return { id, ms };
}

/** Resolves when the stream of events says that nothing more will come. */
export async function finished(server: BenchServer, id: string): Promise<void> {
  let isOver = false;
  const url = new URL(`/api/v1/executions/${id}/events`, server.url);
  const client = openSse(url, server.token, ({ event }) => {
    if (event === 'end') isOver = true;
  });
  await client.ended;
  if (!isOver) throw new Error(`the events of ${id} ended without saying so`);
}

export async function checkPassed(server: BenchServer, id: string): Promise<void> {
  const answer = await (await server.call(`/api/v1/executions/${id}`)).json();
  const execution = receipt.parse(answer);
  if (execution.status === 'passed' && execution.receipt?.left.length === 0) return;
  throw new Error(`execution ${id}: ${JSON.stringify(execution)}`);
}

const eventPage = z.object({
  items: z.array(z.looseObject({ type: z.string(), at: z.iso.datetime(), stepId: z.string().optional() })),
  nextAfter: z.null(),
});

export async function eventsOf(server: BenchServer, id: string) {
  const headers = { accept: 'application/json' };
  const answer = await server.call(`/api/v1/executions/${id}/events?limit=5000`, { headers });
  return eventPage.parse(await answer.json()).items;
}

/** Asks for the end and waits for it. */
export async function cancel(server: BenchServer, id: string): Promise<void> {
  await server.call(`/api/v1/executions/${id}/cancel`, { method: 'POST', body: '{}' });
  await finished(server, id);
}
