import { isDeepStrictEqual } from 'node:util';
import type { ExecutionEvent } from '@/lib/model/event';
import type { ExecutionSummary } from '@/lib/model/execution';
import { makeControlPlane, token } from './control-plane';
import { untilEnded } from './ended';
import { pause } from './faults';
import type { Random } from './random';
import type { Say } from './slow-fault';
import { readStream } from './stream-reader';

interface Acknowledged {
  id: string;
  /** What a reader had got of its events when the control plane was killed. */
  seen: Promise<ExecutionEvent[]>;
}

/**
 * A control plane on its embedded database, killed again and again while it takes launches and runs them: every run
 * that it acknowledged and every event that it told is there, and all of them end well.
 */
export async function killOnEmbeddedDatabase(random: Random, say: Say, rounds: number): Promise<string[]> {
  const plane = await makeControlPlane('embedded', { DATABASE_URL: '' });
  const acknowledged: Acknowledged[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      await plane.start();
      const dead = new AbortController();
      const kill = async (afterMs: number) => {
        await pause(afterMs);
        await plane.kill();
        dead.abort();
      };
      // Mostly under load; now and then while it has hardly begun.
      const enough = random.chance(0.8) ? random.whole(1, 12) : 0;
      const afterMs = random.whole(0, 1_000);
      let killing = enough === 0 ? kill(afterMs) : null;
      for (let taken = 0; plane.isUp(); ) {
        const summary: ExecutionSummary | null = await plane.api
          .post('/api/v1/executions', { suiteId: 'hello' })
          .catch(() => null);
        if (!summary) {
          await pause(50);
          continue;
        }
        const path = `/api/v1/executions/${summary.id}/events`;
        const seen = readStream<ExecutionEvent>([plane], random.fork(), path, token, dead.signal);
        acknowledged.push({ id: summary.id, seen });
        taken += 1;
        if (taken >= enough) killing ??= kill(afterMs);
      }
      await killing;
      say(`killed ${round} of ${rounds} times; ${acknowledged.length} runs were acknowledged`);
    }
    await plane.start();
    const problems: string[] = [];
    let told = 0;
    for (const { id, seen } of acknowledged) {
      const execution = await untilEnded(plane, id);
      const { items }: { items: ExecutionEvent[] } = await plane.api.get(
        `/api/v1/executions/${id}/events?limit=5000`,
      );
      const before = await seen;
      told += before.length;
      if (!isDeepStrictEqual(items.slice(0, before.length), before))
        problems.push(`${id}: its first ${before.length} events are not what a reader was told`);
      if (items.some(({ seq }, index) => seq !== index + 1)) problems.push(`${id}: events are missing`);
      if (execution.status !== 'passed')
        problems.push(`${id} ${execution.status}: ${execution.cause?.sentence}`);
    }
    say(`${told} events had been told before the kills`);
    return problems;
  } finally {
    await plane.close();
  }
}
