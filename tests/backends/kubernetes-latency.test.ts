import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { podName, selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { describeWith } from '../support/requirements';
import { watchStep } from './contract/contract-run';
import { openKubernetesSteps } from './kubernetes-steps';
import { observePods } from './observed-pods';

const installation = 'latency-test';
// More take the kubelet of a small machine from the tests beside this one: GANTRY_TEST_PODS=50 measures fifty.
const count = Number(process.env.GANTRY_TEST_PODS ?? 12);
/** What Gantry may add to the cluster's own time: less than 100 ms on a machine that does nothing else. */
const addedMs = 500;
const begun = z.object({ request: z.object({ method: z.string(), path: z.string() }) });

describeWith(['docker', 'kubernetes'], `${count} steps at once`, () => {
  test(`run with one watch, and are known to run at most ${addedMs} ms after the cluster says so`, {
    timeout: 300_000,
  }, async () => {
    const steps = await openKubernetesSteps(installation);
    const { backend } = steps.harness;
    const first = await steps.open();
    const observed = await observePods(
      selectorText(selectorOf(installation, { executionId: first.executionId })),
    );
    const requests = listenToRequests();
    const added = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const stepId = `step-${at}`;
        const step = {
          ...first,
          stepId,
          node: { ...first.node, id: stepId, command: ['/bin/busybox', 'true'] },
        };
        const watched = watchStep(backend, step);
        await watched.until(({ calls }) => calls.includes('running'));
        const runningMs = Date.now();
        expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
        return { name: podName(step), runningMs };
      }),
    );
    requests.stop();
    await observed.stop();
    const lateMs = added.map(
      ({ name, runningMs }) => runningMs - (observed.pods.get(name)?.atMs ?? Number.NaN),
    );
    expect(median(lateMs)).toBeLessThanOrEqual(addedMs);
    expect(requests.made.filter((each) => /^POST .*\/pods\?/.test(each))).toHaveLength(count);
    expect(requests.made.filter((each) => each.includes('watch=true'))).toHaveLength(1);
    expect(requests.made.filter((each) => /^GET .*\/pods(\?|\/[^/]+$)/.test(each))).toHaveLength(2);
    expect(await backend.closeEnvironment(first.executionId)).toMatchObject({ left: [] });
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** All requests that this thread begins. */
function listenToRequests(): { made: string[]; stop(): void } {
  const made: string[] = [];
  const listen = (message: unknown) => {
    const { request } = begun.parse(message);
    made.push(`${request.method} ${request.path}`);
  };
  subscribe('http.client.request.start', listen);
  return { made, stop: () => unsubscribe('http.client.request.start', listen) };
}
