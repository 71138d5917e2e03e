import { setMaxListeners } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { keyOf } from '@/lib/backends/kubernetes/names';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox } from '@/lib/cli/toolbox';
import { leftovers, testCluster, testKubeconfig } from '../backends/kubernetes-harness';
import { canRunPrivateDaemon, startPrivateDaemon } from '../backends/private-daemon';
import { openPrivateRedis } from '../support/private-redis';
import { checkRuns } from './check-runs';
import { startTwo } from './control-plane';
import { watchDocker } from './docker-witness';
import { pause, strikeUntil } from './faults';
import { startKillablePostgres } from './killable-postgres';
import { createRandom } from './random';
import { makeRandomSuite, writeSuites } from './random-suite';
import { type LaunchedRun, launchUntil } from './workload';

export interface ChaosOptions {
  seed: number;
  durationMs: number;
  /** Between two launches, on average. */
  pauseMs: number;
  mostSteps: number;
  /** Goes on for up to four times its duration until so many were launched: a busy machine launches fewer. */
  fewestExecutions?: number;
  /** Kill the Docker daemon too: one of the harness's own, which needs root. */
  withDaemon: boolean;
  /** Where everything runs; a cluster is the one of KUBECONFIG. */
  backend: 'local' | 'kubernetes';
  /** Ends the faults before their time; everything is checked as usual. */
  stop?: AbortSignal;
  say(text: string): void;
}

export interface ChaosReport {
  executions: number;
  statuses: Record<string, number>;
  faults: Record<string, number>;
  problems: string[];
}

/** Two control planes on one database, suites of which everything is known, and faults; then everything is checked. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, say } = options;
  const random = createRandom(seed);
  const closing: (() => unknown)[] = [];
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-chaos-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  try {
    await chmod(folder, 0o755);
    const suites = Array.from({ length: 8 }, (_, index) =>
      makeRandomSuite(random, `suite-${index}`, options.mostSteps),
    );
    await writeSuites(path.join(folder, 'suites'), suites);
    const postgres = await startKillablePostgres(path.join(folder, 'postgres'));
    closing.push(() => postgres.stop());
    const redis = await openPrivateRedis();
    closing.push(() => redis.kill());
    const daemon =
      options.withDaemon && options.backend === 'local' && canRunPrivateDaemon()
        ? await startPrivateDaemon({ liveRestore: true })
        : null;
    if (daemon) {
      closing.push(() => daemon.close());
      await buildToolbox({ docker: daemon.docker, log: () => undefined });
    }
    const docker = daemon?.docker ?? new Docker();
    const witness = watchDocker(docker);
    closing.push(() => witness.close());
    const planes = await startTwo(closing, {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      GANTRY_SUITES: path.join(folder, 'suites'),
      GANTRY_LEASE_SECONDS: '3',
      GANTRY_MAX_EXECUTIONS: '4',
      GANTRY_MAX_STEPS: '4',
      ...(options.backend === 'kubernetes' ? { GANTRY_KUBECONFIG: testKubeconfig } : {}),
      ...(daemon ? { DOCKER_HOST: `unix://${daemon.socket}` } : {}),
    });
    say(`seed ${seed}: two control planes are up`);
    const ending = new AbortController();
    const reading = new AbortController();
    setMaxListeners(0, reading.signal, ending.signal);
    closing.push(() => reading.abort());
    const victims = { planes, killPostgres: postgres.kill, redis, daemon };
    const striking = strikeUntil(victims, random.fork(), ending.signal, say);
    const runs: LaunchedRun[] = [];
    const launching = launchUntil(planes, suites, random.fork(), options.pauseMs, {
      backend: options.backend,
      runs,
      signal: ending.signal,
      reading: reading.signal,
    });
    await pause(options.durationMs, options.stop);
    const latest = Date.now() + 3 * options.durationMs;
    while (runs.length < (options.fewestExecutions ?? 0) && Date.now() < latest && !options.stop?.aborted) {
      await pause(500, options.stop);
    }
    ending.abort();
    const faults = await striking;
    await launching;
    say(`${runs.length} executions were launched; waiting for their ends`);
    const problems = await checkRuns(
      planes,
      runs,
      { reading, limitMs: 180_000 },
      options.backend === 'local'
        ? (id) => (step, attempt) => witness.starts().get(`${id} ${step} ${attempt}`) ?? 0
        : null,
    );
    const ids = new Set(runs.map(({ id }) => id));
    const left = options.backend === 'local' ? await witness.left(ids) : await leftInCluster(ids);
    problems.found.push(...left.map((each) => `left behind: ${each}`));
    return {
      executions: runs.length,
      statuses: problems.statuses,
      faults: Object.fromEntries(faults),
      problems: problems.found,
    };
  } finally {
    for (const close of closing.reverse()) {
      try {
        await close();
      } catch (error) {
        // The rest is cleaned up all the same, and what went wrong before is what is told.
        say(`could not clean up: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
}

async function leftInCluster(ids: ReadonlySet<string>): Promise<string[]> {
  const found = await leftovers(testCluster(), keyOf(labelNames.execution));
  return found.filter((each) => [...ids].some((id) => each.includes(id)));
}
