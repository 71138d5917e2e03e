import { randomBytes } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { z } from 'zod';
import { openTestDatabase } from '../support/database';
import { makeStepSpec } from '../support/plan';
import { bareClaims } from './bare-claims';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { type ClaimClient, claimClient } from './claim-client';
import { type Measure, quantile } from './measure';

const levels = [8, 32];

export const claims: Row = {
  name: 'claims',
  async measure(bench) {
    const jobs = bench.isQuick ? 12_000 : 50_000;
    const picked = bench.isQuick ? 100 : 500;
    const database = await openTestDatabase();
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    // Nobody renews: a lease that ran out in the middle would be a second delivery, and no double claim.
    const env = { DATABASE_URL: database.url, GANTRY_AGENT_LEASE_SECONDS: '3600' };
    const server = await bench.startServer({ env });
    const client = claimClient(server.url, await agentToken(server));
    try {
      const measures: Measure[] = [];
      let doubles = 0;
      for (const concurrency of levels) {
        const floor = await bareClaims(database.url, concurrency, Math.min(jobs, 20_000));
        await queue(sql, jobs);
        const { perSecond, ids } = await claimAll(client, concurrency);
        if (ids.length !== jobs) throw new Error(`${ids.length} of ${jobs} jobs were claimed`);
        doubles += ids.length - new Set(ids).size;
        bench.say(`claims: ${perSecond.toFixed(0)}/s at ${concurrency}, bare ${floor.toFixed(0)}/s`);
        measures.push({
          what: `claims a second at concurrency ${concurrency}`,
          unit: '',
          floor,
          gantry: perSecond,
          target: { atLeast: 1_500 },
        });
      }
      measures.push({ what: 'double claims', unit: '', floor: null, gantry: doubles, target: { atMost: 0 } });
      const waits = await pickUp(client, sql, picked);
      const wait = (what: string, part: number, atMost: number): Measure => ({
        what: `queued → held by a long-polling agent, ${what}`,
        unit: 'ms',
        floor: null,
        gantry: quantile(waits, part),
        target: { atMost },
      });
      measures.push(wait('p50', 0.5, 10), wait('p99', 0.99, 50));
      return {
        title: 'claims by agents, at concurrency 8 and 32',
        measures,
        notes: [
          `${jobs} jobs at each level through the built server's HTTP routes, client and database on the same machine; the floor is the bare claiming UPDATE over postgres.js. Pickup: ${picked} jobs, one at a time, 32 agents waiting, from the commit of the row to the answer.`,
        ],
      };
    } finally {
      client.close();
      await sql.end();
      await server.stop();
      await database.drop();
    }
  },
};

/** A new token for an agent. */
export async function agentToken(server: BenchServer): Promise<string> {
  const made = await server.call('/api/v1/agents/tokens', {
    method: 'POST',
    body: JSON.stringify({ name: 'bench' }),
  });
  return z.object({ token: z.string() }).parse(await made.json()).token;
}

/** As the engine writes them, each of an execution of its own. */
async function queue(sql: Sql, count: number): Promise<void> {
  const batch = randomBytes(4).toString('hex');
  const spec = makeStepSpec({ executionId: 'bench', stepId: 'only', node: {} });
  await sql`delete from agent_environments`;
  await sql`
    insert into agent_environments (execution_id, environment, tags)
    select ${batch} || i, ${JSON.stringify({
      executionId: 'bench',
      suiteId: 'bench',
      profile: 'default',
      owner: 'bench',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    })}::text::jsonb, '{}'
    from generate_series(1, ${count}::integer) i`;
  await sql`
    insert into agent_jobs (id, kind, execution_id, step_id, attempt, spec)
    select ${batch} || i, 'step', ${batch} || i, 'only', 1, ${JSON.stringify(spec)}::text::jsonb
    from generate_series(1, ${count}::integer) i`;
}

async function claimAll(
  client: ClaimClient,
  concurrency: number,
): Promise<{ perSecond: number; ids: string[] }> {
  const ids: string[] = [];
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async (_, number) => {
      for (;;) {
        const id = await client.claim(`bench-${number}`, 0);
        if (id === null) return;
        ids.push(id);
      }
    }),
  );
  return { perSecond: (ids.length * 1000) / (performance.now() - startedMs), ids };
}

async function pickUp(client: ClaimClient, sql: Sql, count: number): Promise<number[]> {
  const waits: number[] = [];
  let queuedMs = 0;
  let held: () => void = () => {};
  const closing = new AbortController();
  const agents = Array.from({ length: 32 }, async (_, number) => {
    while (!closing.signal.aborted) {
      const id = await client.claim(`bench-${number}`, 2_000);
      if (id === null) continue;
      waits.push(performance.now() - queuedMs);
      held();
    }
  });
  for (let done = 0; done < count; done += 1) {
    const isHeld = new Promise<void>((resolve) => {
      held = resolve;
    });
    queuedMs = performance.now();
    await queue(sql, 1);
    // As the store rings, from a control plane of another name.
    await sql`select pg_notify('gantry', 'bench jobs')`;
    queuedMs = performance.now();
    await isHeld;
  }
  closing.abort();
  await Promise.all(agents);
  return waits;
}
