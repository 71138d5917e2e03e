import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { watchSeconds } from '@/lib/backends/kubernetes/pod-watch';
import { leftovers, testKubeconfig } from '../backends/kubernetes-harness';
import { type KubernetesSteps, openKubernetesSteps } from '../backends/kubernetes-steps';
import { openCountingProxy } from '../support/counting-proxy';
import type { Bench, Row } from './bench';
import { describeCluster, installation, runOne } from './kubernetes';
import type { Measure } from './measure';

const stepsAtOnce = 20;

/** Many steps on the cluster of KUBECONFIG, with all requests counted by a proxy before the API server. */
export const kubernetesSteps: Row = {
  name: 'kubernetes-steps',
  isExtra: true,
  limitMs: 60 * 60_000,
  async measure(bench) {
    const proxy = await openCountingProxy(await readFile(testKubeconfig, 'utf8'));
    try {
      const steps = await openKubernetesSteps(installation, {
        kubeconfig: { from: 'inline', text: proxy.kubeconfig },
      });
      const measures = await measureMany(bench, steps, proxy.requests, bench.isQuick ? 40 : 200);
      return { title: 'Kubernetes, many steps', measures, notes: [await describeCluster(steps)] };
    } finally {
      await proxy.close();
    }
  },
};

async function measureMany(
  bench: Bench,
  { open, harness }: KubernetesSteps,
  requests: string[],
  count: number,
): Promise<Measure[]> {
  const first = await open();
  requests.length = 0;
  const startMs = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const at = next++;
      await runOne(harness.backend, first, `step-${at}`, '0');
      if (at % 20 === 19) bench.say(`${at + 1} of ${count} steps`);
    }
  };
  const close = () => harness.backend.closeEnvironment(first.executionId);
  await Promise.all(Array.from({ length: stepsAtOnce }, worker)).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const seconds = (performance.now() - startMs) / 1000;
  // Pods are told to end on the side.
  await sleep(2_000);
  const made = [...requests];
  const receipt = await close();
  const left = await leftovers(
    harness.cluster,
    selectorText(selectorOf(installation, { executionId: first.executionId })),
  );
  const kinds = countKinds(made);
  for (const [kind, times] of kinds) bench.say(`${times} × ${kind}`);
  const all = (pattern: RegExp) => made.filter((each) => pattern.test(each)).length;
  const watches = all(/watch=true/);
  const creations = all(/^POST .*\/pods\?/);
  const logs = all(/\/log\?/);
  const ends = all(/^DELETE |\/exec\?/);
  const others = made.length - watches - creations - logs - ends;
  const exact = (what: string, gantry: number, atMost: number | null): Measure => ({
    what,
    unit: '',
    floor: null,
    gantry,
    target: atMost === null ? null : { atMost },
  });
  return [
    { what: `${count} steps, ${stepsAtOnce} at once`, unit: 's', floor: null, gantry: seconds, target: null },
    exact(`watches, one for each ${watchSeconds} s`, watches, Math.ceil(seconds / watchSeconds)),
    exact('pods made, for each step', creations / count, 1),
    exact('connections that read logs, for each step', logs / count, 3),
    exact('requests that end or remove, for each step', ends / count, 1),
    exact('other requests, of all steps', others, 6),
    exact('left of what was made', receipt.left.length + left.length, 0),
  ];
}

function countKinds(made: readonly string[]): [string, number][] {
  const kinds = new Map<string, number>();
  for (const each of made) {
    const kind = each
      .replace(/gantry-[0-9a-z]{8}[0-9a-z-]*/g, 'NAME')
      .replace(/\?.*watch=true.*/, '?watch')
      .replace(/\?.*follow=(true|false).*/, '?follow=$1')
      .replace(/\?(?!watch|follow).*/, '');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds].sort(([, a], [, b]) => b - a);
}
