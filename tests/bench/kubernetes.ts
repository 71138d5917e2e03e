import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { containerOf, mainContainer, pod } from '@/lib/backends/kubernetes/objects';
import type { StepSpec } from '@/lib/model/step-spec';
import { watchStep } from '../backends/contract/contract-run';
import { leftovers, testKubeconfig } from '../backends/kubernetes-harness';
import { type KubernetesSteps, openKubernetesSteps } from '../backends/kubernetes-steps';
import { openCountingProxy } from '../support/counting-proxy';
import type { Bench, Row } from './bench';
import { type Measure, median } from './measure';

const installation = 'bench';
const chainLength = 10;
const stepsAtOnce = 20;

/**
 * The cluster of KUBECONFIG: a chain beside the same pods made over the API by hand, and many steps with all requests
 * counted by a proxy before the API server.
 */
export const kubernetes: Row = {
  name: 'kubernetes',
  isExtra: true,
  limitMs: 40 * 60_000,
  async measure(bench) {
    const proxy = await openCountingProxy(await readFile(testKubeconfig, 'utf8'));
    try {
      const steps = await openKubernetesSteps(installation, {
        kubeconfig: { from: 'inline', text: proxy.kubeconfig },
      });
      const chain = await measureChains(bench, steps, bench.isQuick ? 1 : 3);
      const count = bench.isQuick ? 40 : 200;
      const many = await measureMany(bench, steps, proxy.requests, count);
      const check = await steps.harness.backend.check();
      return {
        title: 'Kubernetes',
        measures: [...chain, ...many],
        notes: [
          check.available ? String(check.detail) : check.reason,
          'Bare: the very pods that Gantry makes, over the API: each is created when a watch tells of the end of the one before, and then deleted.',
        ],
      };
    } finally {
      await proxy.close();
    }
  },
};

async function measureChains(bench: Bench, steps: KubernetesSteps, repeats: number): Promise<Measure[]> {
  const floors: number[] = [];
  const gantry: number[] = [];
  for (let round = 0; round <= repeats; round += 1) {
    const first = await steps.open();
    const run = await runChain(steps, first);
    const bareMs = await runChainBare(steps, first);
    await steps.harness.backend.closeEnvironment(first.executionId);
    bench.say(`chain ${round}: bare ${bareMs.toFixed(0)} ms, Gantry ${run.toFixed(0)} ms`);
    if (round === 0) continue;
    floors.push(bareMs / 1000);
    gantry.push(run / 1000);
  }
  return [
    {
      what: `chain of ${chainLength} steps of 500 ms`,
      unit: 's',
      floor: median(floors),
      gantry: median(gantry),
      target: { ratio: 1.05 },
    },
  ];
}

async function runChain({ harness }: KubernetesSteps, first: StepSpec): Promise<number> {
  const startMs = performance.now();
  for (let at = 0; at < chainLength; at += 1) await runOne(harness.backend, first, `chain-${at}`, '0.5');
  return performance.now() - startMs;
}

async function runOne(
  backend: KubernetesSteps['harness']['backend'],
  first: StepSpec,
  stepId: string,
  seconds: string,
): Promise<void> {
  const node = { ...first.node, id: stepId, command: ['/bin/busybox', 'sleep', seconds] };
  const outcome = await watchStep(backend, { ...first, stepId, node }).outcome;
  if (outcome.exitCode !== 0) throw new Error(`${stepId} ended with ${outcome.exitCode}`);
}

const body = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.looseObject({ nodeName: z.string().optional() }),
});

/** The pod of the chain's first step again and again, under other names. */
async function runChainBare({ harness, podPath }: KubernetesSteps, first: StepSpec): Promise<number> {
  const { cluster } = harness;
  const made = body.parse(await cluster.request('look', podPath({ ...first, stepId: 'chain-0' })));
  const { nodeName: _, ...spec } = made.spec;
  const pods = podPath(first).replace(/\/[^/]*$/, '');
  const startMs = performance.now();
  for (let at = 0; at < chainLength; at += 1) {
    const name = `bare-${at}`;
    const metadata = { name, labels: { bare: String(at) } };
    await cluster.request('make', pods, { method: 'POST', body: { metadata, spec } });
    await untilEnded(cluster, pods, name);
    // Gantry has its companion end too, beside the next step.
    await cluster.request('remove', `${pods}/${name}`, {
      method: 'DELETE',
      query: { gracePeriodSeconds: 1 },
    });
  }
  return performance.now() - startMs;
}

const watchEvent = z.object({ object: pod });

async function untilEnded(
  cluster: KubernetesSteps['harness']['cluster'],
  pods: string,
  name: string,
): Promise<void> {
  const over = new AbortController();
  const query = { watch: true, fieldSelector: `metadata.name=${name}` };
  const response = await cluster.open('watch', pods, query, over.signal);
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    const ended = lines.some(
      (line) => containerOf(watchEvent.parse(JSON.parse(line)).object, mainContainer)?.state.terminated,
    );
    if (ended) break;
  }
  over.abort();
}

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
  await Promise.all(Array.from({ length: stepsAtOnce }, worker));
  const seconds = (performance.now() - startMs) / 1000;
  // Pods are told to end on the side.
  await sleep(2_000);
  const made = [...requests];
  const receipt = await harness.backend.closeEnvironment(first.executionId);
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
    exact('watches', watches, 1),
    exact('pods made, for each step', creations / count, 1),
    exact('connections that read logs, for each step', logs / count, 5),
    exact('requests that end or remove, for each step', ends / count, 2),
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
