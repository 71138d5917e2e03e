import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { messageOf } from '@/lib/model/errors';
import type { Bench, Row, VerdictOptions } from './bench';
import { type BenchServer, startBenchServer } from './bench-server';
import { removeLeftovers } from './clean-up';
import { startDatabaseServer } from './database-server';
import { describeMachine, untilCalm } from './machine';
import type { Report, RowReport } from './report';
import { image, writeSuites } from './suites';

const defaultRowLimitMs = 10 * 60_000;

/** Measures the rows one after another, and leaves nothing behind, also when it is interrupted. */
export async function runRows(
  rows: readonly Row[],
  isQuick: boolean,
  verdicts: VerdictOptions,
): Promise<Report> {
  const docker = new Docker();
  const { Version } = await docker.version();
  await docker
    .getImage(image)
    .inspect()
    .catch(() => {
      throw new Error(`the image ${image} is not here: run \`npm run toolbox\` first`);
    });
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-bench-'));
  const run = randomBytes(3).toString('hex');
  const used = new Set<string>();
  const suiteId = (name: string) => {
    used.add(`bench-${name}-${run}`);
    return `bench-${name}-${run}`;
  };
  const servers = new Set<BenchServer>();
  /** Those that a row has left when it failed; stopping twice does no harm. */
  const stopServers = async () => {
    for (const server of servers) await server.stop();
    servers.clear();
  };
  const database = await startDatabaseServer(folder);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const suites = path.join(folder, 'suites');
    await mkdir(suites);
    await writeSuites(suites, suiteId);
    const bench: Bench = {
      docker,
      folder,
      isQuick,
      verdicts,
      suiteId,
      async startServer(options) {
        const server = await startBenchServer(folder, suites, options);
        servers.add(server);
        return server;
      },
      say: (text) => console.error(`  ${text}`),
    };
    const report: Report = {
      machine: describeMachine(),
      docker: Version,
      database: database.kind,
      startedAt: new Date().toISOString(),
      isQuick,
      rows: [],
    };
    for (const row of rows) {
      if (interrupted.signal.aborted) break;
      report.rows.push(await runRow(bench, row, interrupted.signal));
      await stopServers();
    }
    return report;
  } finally {
    await stopServers();
    const left = await removeLeftovers(docker, [...used]);
    for (const each of left) console.error(`  removed what was left: ${each}`);
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runRow(bench: Bench, row: Row, interrupted: AbortSignal): Promise<RowReport> {
  console.error(`▸ ${row.name}`);
  const { isDisturbed } = await untilCalm();
  const startedMs = performance.now();
  const end = (rest: Pick<RowReport, 'result' | 'error'>): RowReport => ({
    name: row.name,
    isDisturbed,
    seconds: (performance.now() - startedMs) / 1000,
    ...rest,
  });
  let timer: NodeJS.Timeout | undefined;
  const rowLimitMs = row.limitMs ?? defaultRowLimitMs;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took over ${rowLimitMs / 60_000} minutes`)), rowLimitMs);
    interrupted.addEventListener('abort', () => reject(interrupted.reason), { once: true });
  });
  try {
    return end({ result: await Promise.race([row.measure(bench), limit]), error: null });
  } catch (error) {
    console.error(`  ${messageOf(error)}`);
    return end({ result: null, error: messageOf(error) });
  } finally {
    clearTimeout(timer);
  }
}
