import { z } from 'zod';
import { containerOf, mainContainer, pod } from '@/lib/backends/kubernetes/objects';
import type { StepSpec } from '@/lib/model/step-spec';
import { watchStep } from '../backends/contract/contract-run';
import { type KubernetesSteps, openKubernetesSteps } from '../backends/kubernetes-steps';
import type { Bench, Row } from './bench';
import { type Measure, median } from './measure';

export const installation = 'bench';
const chainLength = 10;

/** The cluster of KUBECONFIG: a chain beside the same pods made over the API by hand. */
export const kubernetes: Row = {
  name: 'kubernetes',
  isExtra: true,
  limitMs: 40 * 60_000,
  async measure(bench) {
    const steps = await openKubernetesSteps(installation);
    const measures = await measureChains(bench, steps, bench.isQuick ? 1 : 3);
    return {
      title: 'Kubernetes',
      measures,
      notes: [
        await describeCluster(steps),
        'Bare: the very pods that Gantry makes, over the API: each is created when a watch tells of the end of the one before, and then deleted.',
      ],
    };
  },
};

/** Its versions, as the backend's check tells them. */
export async function describeCluster({ harness }: KubernetesSteps): Promise<string> {
  const check = await harness.backend.check();
  return check.available ? String(check.detail) : check.reason;
}

async function measureChains(bench: Bench, steps: KubernetesSteps, repeats: number): Promise<Measure[]> {
  const floors: number[] = [];
  const gantry: number[] = [];
  for (let round = 0; round <= repeats; round += 1) {
    const first = await steps.open();
    const { run, bareMs } = await measureOnce(steps, first).finally(() =>
      steps.harness.backend.closeEnvironment(first.executionId),
    );
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

async function measureOnce(
  steps: KubernetesSteps,
  first: StepSpec,
): Promise<{ run: number; bareMs: number }> {
  const run = await runChain(steps, first);
  return { run, bareMs: await runChainBare(steps, first) };
}

async function runChain({ harness }: KubernetesSteps, first: StepSpec): Promise<number> {
  const startMs = performance.now();
  for (let at = 0; at < chainLength; at += 1) await runOne(harness.backend, first, `chain-${at}`, '0.5');
  return performance.now() - startMs;
}

/** A task that sleeps for so long, to its end. */
export async function runOne(
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
