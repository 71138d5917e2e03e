import { setMaxListeners } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { ExecutionEvent } from '@/lib/model/event';
import { checkRuns } from './check-runs';
import { type ControlPlane, startTwo, token } from './control-plane';
import { watchDocker } from './docker-witness';
import { pause } from './faults';
import { startKillablePostgres } from './killable-postgres';
import type { Random } from './random';
import { makeRandomSuite, type RandomSuite, writeSuites } from './random-suite';
import type { Say } from './slow-fault';
import { readStream } from './stream-reader';
import { askUntilAnswered, type LaunchedRun } from './workload';

export interface ReplicaKills {
  /** So many are launched, and more until `minKills` kills have struck among them. */
  executions: number;
  minKills: number;
  /** From one kill to the next. */
  everyMs: number;
  limitMs: number;
}

export interface ReplicaReport {
  problems: string[];
  kills: number;
  /** How often one control plane went on with what another had begun. */
  adoptions: number;
}

const launchesAtOnce = 10;

/**
 * Two control planes on one database and one Docker daemon, of which one after the other is killed and started again
 * until all executions have ended: none ran twice, and the streams of either are the same.
 */
export async function killOneOfTwo(
  random: Random,
  say: Say,
  { executions, minKills, everyMs, limitMs }: ReplicaKills,
): Promise<ReplicaReport> {
  const closing: (() => unknown)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-replicas-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    const suites = Array.from({ length: 6 }, (_, index) => smallSuite(random, `suite-${index}`));
    await writeSuites(path.join(folder, 'suites'), suites);
    const postgres = await startKillablePostgres(path.join(folder, 'postgres'));
    closing.push(() => postgres.stop());
    const docker = new Docker();
    await buildToolbox({ docker, log: () => undefined });
    const witness = watchDocker(docker);
    closing.push(() => witness.close());
    const planes = await startTwo(closing, {
      DATABASE_URL: postgres.url,
      GANTRY_SUITES: path.join(folder, 'suites'),
      GANTRY_MAX_EXECUTIONS: '4',
      GANTRY_MAX_STEPS: '4',
    });
    const reading = new AbortController();
    setMaxListeners(0, reading.signal);
    closing.push(() => reading.abort());
    const over = new AbortController();
    let struck = 0;
    const killing = killInTurns(planes, everyMs, over.signal, say, () => {
      struck += 1;
    });
    const isMoreWanted = (launched: number) => launched < executions || struck < minKills;
    const runs = await launchAll(planes, suites, random, isMoreWanted, reading.signal);
    say(`${runs.length} executions were launched`);
    await untilAllEnded(runs, limitMs, say);
    over.abort();
    const kills = await killing;
    const { found, statuses } = await checkRuns(
      planes,
      runs,
      { reading, limitMs: 10_000 },
      (id) => (step, attempt) => witness.starts().get(`${id} ${step} ${attempt}`) ?? 0,
    );
    const left = await witness.left(new Set(runs.map(({ id }) => id)));
    const adoptions = await countAdoptions(runs);
    say(`${JSON.stringify(statuses)}; ${kills} kills, ${adoptions} adoptions`);
    return { problems: [...found, ...left.map((each) => `left behind: ${each}`)], kills, adoptions };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

function smallSuite(random: Random, id: string): RandomSuite {
  const suite = makeRandomSuite(random, id, 3);
  for (const step of suite.steps) step.lines = Math.min(step.lines, 150);
  return suite;
}

async function killInTurns(
  planes: readonly ControlPlane[],
  everyMs: number,
  signal: AbortSignal,
  say: Say,
  onKill: () => void,
): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    await pause(everyMs, signal);
    const plane = planes[kills % planes.length];
    if (signal.aborted || !plane) return kills;
    await plane.kill();
    onKill();
    await plane.start();
    say(`${plane.name} was killed and is up again`);
  }
}

/** Some at once, for a control plane that is being started lets its callers wait. */
async function launchAll(
  planes: readonly ControlPlane[],
  suites: readonly RandomSuite[],
  random: Random,
  isMoreWanted: (launched: number) => boolean,
  reading: AbortSignal,
): Promise<LaunchedRun[]> {
  const runs: LaunchedRun[] = [];
  let launched = 0;
  const launchSome = async () => {
    while (isMoreWanted(launched)) {
      launched += 1;
      const suite = random.pick(suites);
      const body = { suiteId: suite.id };
      const key = `replicas-${launched}`;
      const { id } = await askUntilAnswered<{ id: string }>(planes, random, '/api/v1/executions', body, key);
      const at = `/api/v1/executions/${id}/events`;
      runs.push({ id, suite, events: readStream<ExecutionEvent>(planes, random.fork(), at, token, reading) });
    }
  };
  await Promise.all(Array.from({ length: launchesAtOnce }, launchSome));
  return runs;
}

/** Or until the limit: what has not ended by then is found to be so. */
async function untilAllEnded(runs: readonly LaunchedRun[], limitMs: number, say: Say): Promise<void> {
  const enough = new AbortController();
  let ended = 0;
  const all = Promise.allSettled(
    runs.map(({ events }) =>
      events.then(() => {
        ended += 1;
        if (ended % 20 === 0) say(`${ended} of ${runs.length} have ended`);
      }),
    ),
  );
  await Promise.race([all, pause(limitMs, enough.signal)]);
  enough.abort();
}

async function countAdoptions(runs: readonly LaunchedRun[]): Promise<number> {
  const histories = await Promise.allSettled(runs.map(({ events }) => events));
  return histories
    .flatMap((history) => (history.status === 'fulfilled' ? history.value : []))
    .filter(({ type }) => type === 'execution.adopted').length;
}
