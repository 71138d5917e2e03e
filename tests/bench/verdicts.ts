import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { z } from 'zod';
import { keyOf } from '@/lib/backends/kubernetes/names';
import { labelNames } from '@/lib/backends/labels';
import type { Execution } from '@/lib/model/execution';
import { startAgentProcess } from '../agents/control-plane';
import { testCluster, testKubeconfig } from '../backends/kubernetes-harness';
import { openLyingEngine } from '../backends/lying-engine';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { agentToken } from './claims';
import { finished, launch } from './launch';
import type { Measure } from './measure';
import { endsOn, type VerdictKind, verdictSuites, writeVerdictSuites } from './verdict-suites';

const podList = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), namespace: z.string() }) })),
});

type Act = (server: BenchServer, id: string) => Promise<void>;

/** Executions that run at the same time. */
const atOnce = 2;

/** Each row of the table in docs/verdicts.md again and again: one verdict. */
export const verdicts: Row = {
  name: 'verdicts',
  isExtra: true,
  // Two hundred times twenty containers on two cores.
  limitMs: 120 * 60_000,
  async measure(bench) {
    const { repeats, backend } = bench.verdicts;
    const suites = path.join(bench.folder, 'verdicts');
    await mkdir(suites);
    await writeVerdictSuites(suites, bench.suiteId, backend);
    const engine = backend === 'local' || backend === 'remote-agent' ? await openLyingEngine() : null;
    const engineEnv: Record<string, string> = engine ? { DOCKER_HOST: engine.url } : {};
    const server = await bench.startServer({
      env: {
        GANTRY_SUITES: suites,
        GANTRY_PROCESS_BACKEND: backend === 'process' ? '1' : '0',
        ...(backend === 'kubernetes' ? { GANTRY_KUBECONFIG: testKubeconfig } : {}),
        ...(backend === 'local' ? engineEnv : {}),
      },
    });
    const agent =
      backend === 'remote-agent'
        ? startAgentProcess(server.url, await agentToken(server), {
            ...engineEnv,
            GANTRY_AGENT_FOLDER: path.join(bench.folder, 'agent'),
          })
        : null;
    const acts: Partial<Record<keyof typeof verdictSuites, Act>> = {
      'ends-cancelled': (at, id) => cancelOnceRunning(at, id),
      'ends-removed': (at, id) =>
        backend === 'kubernetes' ? deletePodOnceRunning(at, id) : removeOnceRunning(bench.docker, at, id),
    };
    const seen = new Map<VerdictKind, Map<string, number>>();
    try {
      // There is no such backend before.
      await agent?.until('registered');
      for (const [name, { kinds }] of Object.entries(verdictSuites)) {
        const usable = endsOn(backend, kinds);
        if (usable.length === 0) continue;
        // One kind of call is refused, and all others pass to the engine itself.
        if (engine && name === 'ends-refused')
          engine.answer = ({ kind }) => (kind === 'POST /containers/ID/exec' ? 500 : null);
        const act = acts[name as keyof typeof verdictSuites];
        for (const each of usable) seen.set(each, new Map());
        await repeat(repeats, async (number) => {
          const id = await launch(server, bench.suiteId(name), backend);
          await act?.(server, id);
          await finished(server, id);
          const answer = await server.call(`/api/v1/executions/${id}`);
          note(usable, (await answer.json()) as Execution, seen);
          if (number % 10 === 0) bench.say(`${name}: ${number} of ${repeats}`);
        });
      }
    } catch (error) {
      bench.say(server.output());
      if (agent) bench.say(agent.output());
      throw error;
    } finally {
      await agent?.end('SIGTERM');
      await server.stop();
      await engine?.close();
    }
    return {
      title: `verdicts, ${backend}`,
      measures: [...seen].map(([each, found]) => measureOf(each, found)),
      notes: [
        `Distinct verdicts (status, exit code, signal, sentence, warnings) of ${repeats} runs, ${atOnce} at once.`,
        ...[...seen].flatMap(([each, found]) => notesOf(each, found)),
      ],
    };
  },
};

/** Each kind of end is one measure; a status that docs/verdicts.md does not name counts as one more verdict. */
function measureOf({ what, status }: VerdictKind, found: ReadonlyMap<string, number>): Measure {
  const isRight = [...found.keys()].every((verdict) => verdict.startsWith(`${status} `));
  return {
    what,
    unit: '',
    floor: null,
    gantry: found.size + (isRight ? 0 : 1),
    target: { atMost: 1 },
  };
}

function notesOf({ what }: VerdictKind, found: ReadonlyMap<string, number>): string[] {
  return [...found].map(([verdict, count]) => `${what}: ${count} × ${verdict}`);
}

function note(
  kinds: readonly VerdictKind[],
  { steps }: Execution,
  seen: ReadonlyMap<VerdictKind, Map<string, number>>,
): void {
  for (const kind of kinds) {
    const step = steps.find(({ id }) => id === kind.stepId);
    if (!step) throw new Error(`the execution has no step ${kind.stepId}`);
    const { exitCode = null, signal = null, reason = null } = step.result ?? {};
    const warnings = step.attempts.flatMap((attempt) => attempt.warnings);
    const verdict = `${step.status} ${JSON.stringify({ exitCode, signal, reason, warnings })}`;
    const found = seen.get(kind);
    found?.set(verdict, (found.get(verdict) ?? 0) + 1);
  }
}

async function repeat(count: number, run: (number: number) => Promise<void>): Promise<void> {
  let next = 1;
  const lanes = Array.from({ length: atOnce }, async () => {
    while (next <= count) {
      const number = next;
      next += 1;
      await run(number);
    }
  });
  await Promise.all(lanes);
}

async function cancelOnceRunning(server: BenchServer, id: string): Promise<void> {
  await untilRunning(server, id);
  await server.call(`/api/v1/executions/${id}/cancel`, { method: 'POST', body: '{}' });
}

async function removeOnceRunning(docker: Docker, server: BenchServer, id: string): Promise<void> {
  await untilRunning(server, id);
  const filters = { label: [`${labelNames.execution}=${id}`, labelNames.step] };
  for (const { Id } of await docker.listContainers({ filters }))
    await docker.getContainer(Id).remove({ force: true });
}

async function deletePodOnceRunning(server: BenchServer, id: string): Promise<void> {
  await untilRunning(server, id);
  const cluster = testCluster();
  const query = { labelSelector: `${keyOf(labelNames.execution)}=${id}` };
  const { items } = podList.parse(await cluster.request('list', '/api/v1/pods', { query }));
  for (const { metadata } of items)
    await cluster.request('delete', `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`, {
      method: 'DELETE',
    });
}

/** Until its program runs: a container that was only made is another end. */
async function untilRunning(server: BenchServer, id: string): Promise<void> {
  for (;;) {
    const { steps } = (await (await server.call(`/api/v1/executions/${id}`)).json()) as Execution;
    if (steps.some(({ attempts }) => attempts.some(({ runningAt }) => runningAt !== null))) return;
    if (steps.every(({ finishedAt }) => finishedAt !== null)) return;
    await sleep(20);
  }
}
