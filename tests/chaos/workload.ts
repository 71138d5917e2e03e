import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import { type ControlPlane, token } from './control-plane';
import { pause } from './faults';
import type { Random } from './random';
import type { RandomSuite } from './random-suite';
import { readStream } from './stream-reader';

/** An execution that somebody launched, and what a reader who is cut off again and again gets of its events. */
export interface LaunchedRun {
  id: string;
  suite: RandomSuite;
  events: Promise<ExecutionEvent[]>;
}

/** Launches into `runs`, cancels and repeats at random until the signal ends; whoever does not answer is asked again. */
export async function launchUntil(
  planes: readonly ControlPlane[],
  suites: readonly RandomSuite[],
  random: Random,
  pauseMs: number,
  {
    backend,
    runs,
    signal,
    reading,
  }: { backend: string; runs: LaunchedRun[]; signal: AbortSignal; reading: AbortSignal },
): Promise<void> {
  const others: Promise<void>[] = [];
  let count = 0;

  function ask<T>(path: string, body: object | null): Promise<T> {
    count += 1;
    return askUntilAnswered<T>(planes, random, path, body, `chaos-${count}`);
  }

  function begin(suite: RandomSuite, id: string): void {
    const path = `/api/v1/executions/${id}/events`;
    runs.push({ id, suite, events: readStream<ExecutionEvent>(planes, random.fork(), path, token, reading) });
  }

  async function cancelLater(id: string, afterMs: number): Promise<void> {
    await pause(afterMs);
    // It may have ended by then.
    await ask(`/api/v1/executions/${id}/cancel`, {}).catch(onlyRefused);
  }

  async function repeatLater(suite: RandomSuite, id: string): Promise<void> {
    while (!signal.aborted) {
      const { status } = await ask<Execution>(`/api/v1/executions/${id}`, null);
      if (isFinalExecution(status)) {
        const again = await ask<ExecutionSummary>(`/api/v1/executions/${id}/rerun`, {
          only: random.pick(['all', 'failed']),
        }).catch(onlyRefused);
        if (again) begin(suite, again.id);
        return;
      }
      await pause(500, signal);
    }
  }

  while (!signal.aborted) {
    const suite = random.pick(suites);
    const { id } = await ask<ExecutionSummary>('/api/v1/executions', { suiteId: suite.id, backend });
    begin(suite, id);
    if (random.chance(0.15)) others.push(cancelLater(id, random.whole(0, 6_000)));
    else if (random.chance(0.3)) others.push(repeatLater(suite, id));
    await pause(random.whole(0, pauseMs * 2), signal);
  }
  await Promise.all(others);
}

/** Rejects only when the request was understood and refused. */
export async function askUntilAnswered<T>(
  planes: readonly ControlPlane[],
  random: Random,
  path: string,
  body: object | null,
  key: string,
): Promise<T> {
  for (;;) {
    try {
      return await askOnce<T>(random.pick(planes), path, body, key);
    } catch (error) {
      if (error instanceof Refused) throw error;
      await pause(200);
    }
  }
}

class Refused extends Error {}

/** A request that the server understood and refused; anything else is asked again. */
async function askOnce<T>(plane: ControlPlane, path: string, body: object | null, key: string): Promise<T> {
  const response = await fetch(plane.api.url + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  if (response.ok) return response.json();
  const text = await response.text();
  if (response.status < 500) throw new Refused(`${path}: ${response.status} ${text}`);
  throw new Error(`${path}: ${response.status} ${text}`);
}

function onlyRefused(error: unknown): null {
  if (error instanceof Refused) return null;
  throw error;
}
