import { setMaxListeners } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { buildToolbox } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { startEmbeddedPostgres } from '@/lib/store/postgres/embedded';
import { canRunPrivateDaemon, startPrivateDaemon } from '../backends/private-daemon';
import { openPrivateRedis } from '../support/private-redis';
import { silentLogger } from '../support/silent-logger';
import { checkRun } from './check-run';
import { type ControlPlane, makeControlPlane } from './control-plane';
import { watchDocker } from './docker-witness';
import { pause, strikeUntil } from './faults';
import { createRandom } from './random';
import { makeRandomSuite, type RandomSuite, suiteFiles } from './random-suite';
import { type LaunchedRun, launchUntil } from './workload';

export interface ChaosOptions {
  seed: number;
  durationMs: number;
  /** Between two launches, on average. */
  pauseMs: number;
  mostSteps: number;
  /** Kill the Docker daemon too: one of the harness's own, which needs root. */
  withDaemon: boolean;
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

const endLimitMs = 180_000;

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
    const postgres = await startPostgres(path.join(folder, 'postgres'), closing);
    const redis = await openPrivateRedis();
    closing.push(() => redis.kill());
    const daemon =
      options.withDaemon && canRunPrivateDaemon() ? await startPrivateDaemon({ liveRestore: true }) : null;
    if (daemon) {
      closing.push(() => daemon.close());
      await buildToolbox({ docker: daemon.docker, log: () => undefined });
    }
    const docker = daemon?.docker ?? new Docker();
    const witness = watchDocker(docker);
    closing.push(() => witness.close());
    const planes = await startPlanes(closing, {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      GANTRY_SUITES: path.join(folder, 'suites'),
      GANTRY_LEASE_SECONDS: '3',
      GANTRY_MAX_EXECUTIONS: '4',
      GANTRY_MAX_STEPS: '4',
      ...(daemon ? { DOCKER_HOST: `unix://${daemon.socket}` } : {}),
    });
    say(`seed ${seed}: two control planes are up`);
    const ending = new AbortController();
    const reading = new AbortController();
    setMaxListeners(0, reading.signal, ending.signal);
    closing.push(() => reading.abort());
    const victims = { planes, killPostgres: postgres.kill, redis, daemon };
    const striking = strikeUntil(victims, random.fork(), ending.signal, say);
    const launching = launchUntil(planes, suites, random.fork(), options.pauseMs, {
      signal: ending.signal,
      reading: reading.signal,
    });
    await pause(options.durationMs, options.stop);
    ending.abort();
    const [faults, runs] = [await striking, await launching];
    say(`${runs.length} executions were launched; waiting for their ends`);
    const problems = await checkAll(
      planes,
      runs,
      reading,
      (id) => (step, attempt) => witness.starts().get(`${id} ${step} ${attempt}`) ?? 0,
    );
    const ids = new Set(runs.map(({ id }) => id));
    problems.found.push(...(await witness.left(ids)).map((each) => `left behind: ${each}`));
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

async function writeSuites(root: string, suites: readonly RandomSuite[]): Promise<void> {
  for (const suite of suites) {
    await mkdir(path.join(root, suite.id), { recursive: true });
    for (const [name, content] of Object.entries(suiteFiles(suite)))
      await writeFile(path.join(root, suite.id, name), content);
  }
}

/** Its main process can be killed; the harness starts it again on the same port. */
async function startPostgres(folder: string, closing: (() => unknown)[]) {
  await mkdir(folder, { mode: 0o755 });
  const server = await startEmbeddedPostgres({ clock: systemClock, logger: silentLogger }, folder);
  closing.push(() => server.stop());
  return {
    url: server.url,
    async kill() {
      const text = await readFile(path.join(folder, 'data', 'postmaster.pid'), 'utf8');
      process.kill(Number(text.split('\n')[0]), 'SIGKILL');
    },
  };
}

async function startPlanes(closing: (() => unknown)[], env: Record<string, string>): Promise<ControlPlane[]> {
  const planes = [await makeControlPlane('one', env), await makeControlPlane('two', env)];
  for (const plane of planes) {
    closing.push(() => plane.close());
    await plane.start();
  }
  return planes;
}

async function checkAll(
  planes: readonly ControlPlane[],
  runs: readonly LaunchedRun[],
  reading: AbortController,
  startsOf: (id: string) => (stepId: string, attempt: number) => number,
): Promise<{ found: string[]; statuses: Record<string, number> }> {
  const found: string[] = [];
  const statuses: Record<string, number> = {};
  const limit = setTimeout(() => reading.abort(), endLimitMs);
  for (const { id, suite, events } of runs) {
    const streamed = await events.catch((error: Error) => {
      found.push(error.message);
      return [];
    });
    const base = `/api/v1/executions/${id}`;
    const [first] = planes;
    const execution: Execution = await first?.api.get(base);
    statuses[execution.status] = (statuses[execution.status] ?? 0) + 1;
    const [histories, logs] = await Promise.all([
      Promise.all(planes.map((plane) => pages<ExecutionEvent>(plane, `${base}/events`))),
      Promise.all(planes.map((plane) => pages<LogLine>(plane, `${base}/logs`))),
    ]);
    found.push(
      ...checkRun({ suite, execution, histories: [...histories, streamed], logs, startsOf: startsOf(id) }),
    );
  }
  clearTimeout(limit);
  return { found, statuses };
}

async function pages<T extends { seq: number }>({ api }: ControlPlane, path: string): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const { items }: { items: T[] } = await api.get(`${path}?limit=5000&after=${all.at(-1)?.seq ?? 0}`);
    if (items.length === 0) return all;
    all.push(...items);
  }
}
