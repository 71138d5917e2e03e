import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type RunningGantry, type ServerKind, startGantry } from '../support/server';

export interface BenchServerOptions {
  env?: Record<string, string>;
  /** `npm start` unless given. */
  server?: ServerKind;
}

export interface LoopDelay {
  p50: number;
  p99: number;
  max: number;
}

export interface BenchServer extends RunningGantry {
  /** Resident memory in bytes: now, and the most since `resetPeak`. As the kernel counts it. */
  memory(): Promise<{ now: number; peak: number }>;
  resetPeak(): Promise<void>;
  /** How late the event loop was since the last call, in milliseconds. */
  loopDelay(): Promise<LoopDelay>;
}

const loopDelay = z.object({ p50: z.number(), p99: z.number(), max: z.number() });
const answerLimitMs = 10_000;

/** The production server, watched from outside: by /proc, and by a probe that it loads with `--import`. */
export async function startBenchServer(
  folder: string,
  suites: string,
  { env = {}, server = 'npm start' }: BenchServerOptions = {},
): Promise<BenchServer> {
  const file = path.join(folder, `loop-${process.hrtime.bigint()}.json`);
  const probe = new URL('event-loop-probe.mjs', import.meta.url);
  const gantry = await startGantry({
    server,
    env: {
      GANTRY_SUITES: suites,
      GANTRY_BENCH_LOOP_FILE: file,
      NODE_OPTIONS: `--import ${probe.href}`,
      ...env,
    },
  });
  const { pid } = gantry.process;
  if (pid === undefined) throw new Error(`the server has no process id: ${fileURLToPath(probe)}`);
  return {
    ...gantry,
    async memory() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return { now: kilobytes(status, 'VmRSS') * 1024, peak: kilobytes(status, 'VmHWM') * 1024 };
    },
    resetPeak: () => writeFile(`/proc/${pid}/clear_refs`, '5'),
    async loopDelay() {
      await rm(file, { force: true });
      gantry.process.kill('SIGUSR2');
      const deadlineMs = performance.now() + answerLimitMs;
      for (;;) {
        const text = await readFile(file, 'utf8').catch(() => null);
        if (text !== null) return loopDelay.parse(JSON.parse(text));
        if (performance.now() > deadlineMs) throw new Error('the event loop probe does not answer');
        await sleep(10);
      }
    },
  };
}

function kilobytes(status: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (value === undefined) throw new Error(`/proc tells no ${name}`);
  return Number(value);
}
