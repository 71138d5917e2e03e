import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FinalStepStatus } from '@/lib/model/status';
import type { Random } from './random';

/** A suite of which everything is known beforehand: what each step prints and how it ends. */
export interface RandomSuite {
  id: string;
  steps: RandomStep[];
}

export interface RandomStep {
  id: string;
  kind: 'service' | 'task' | 'test';
  after: string[];
  onFailure: string[];
  continueOnFailure: boolean;
  /** Of one attempt; a service prints until it is stopped. */
  lines: number;
  pauseMs: number;
  /** By attempt; the last one is the last attempt's. */
  exits: number[];
}

export interface ExpectedStep {
  status: FinalStepStatus;
  attempts: number;
}

export function makeRandomSuite(random: Random, id: string, maxSteps: number): RandomSuite {
  const steps: RandomStep[] = [];
  const count = random.whole(2, maxSteps);
  for (let index = 0; index < count; index += 1) {
    const before = steps.map((step) => step.id);
    const some = (share: number) => before.filter(() => random.chance(share));
    const kind = random.pick(['service', 'task', 'test', 'test'] as const);
    steps.push({
      id: `s${index}`,
      kind,
      after: some(0.35),
      onFailure: index > 1 && kind !== 'service' && random.chance(0.15) ? [random.pick(before)] : [],
      continueOnFailure: random.chance(0.2),
      lines: random.whole(1, 400),
      pauseMs: random.whole(0, 8),
      exits: kind === 'service' ? [0] : exitsOf(random),
    });
  }
  return { id, steps };
}

function exitsOf(random: Random): number[] {
  if (random.chance(0.15)) return [1, 0];
  return [random.chance(0.15) ? random.whole(1, 9) : 0];
}

/** As folders below a root of suites. */
export async function writeSuites(root: string, suites: readonly RandomSuite[]): Promise<void> {
  for (const suite of suites) {
    await mkdir(path.join(root, suite.id), { recursive: true });
    for (const [name, content] of Object.entries(suiteFiles(suite)))
      await writeFile(path.join(root, suite.id, name), content);
  }
}

/** JSON is YAML. */
function suiteFiles(suite: RandomSuite): Record<string, string> {
  const steps = suite.steps.map((step) => [
    step.id,
    {
      kind: step.kind,
      image: 'gantry/toolbox:local',
      run: ['node', 'step.mjs', step.id, step.kind, `${step.lines}`, `${step.pauseMs}`, step.exits.join()],
      after: step.after,
      ...(step.onFailure.length > 0 ? { on_failure: step.onFailure } : {}),
      continue_on_failure: step.continueOnFailure,
      ...(step.exits.length > 1 ? { retries: { max: step.exits.length - 1, backoff: '200ms' } } : {}),
      ...(step.kind === 'service' ? { ready: { log: 'is up', timeout: '60s' } } : { timeout: '5m' }),
    },
  ]);
  return {
    'suite.yaml': JSON.stringify({ title: suite.id, timeout: '10m', steps: Object.fromEntries(steps) }),
    'step.mjs': program,
  };
}

const program = `
import { setTimeout as sleep } from 'node:timers/promises';
const [id, kind, lines, pauseMs, exits] = process.argv.slice(2);
const attempt = Number(process.env.GANTRY_ATTEMPT);
if (kind === 'service') {
  process.on('SIGTERM', () => {
    console.log('bye');
    process.exit(0);
  });
  console.log(id + ' is up');
  for (let number = 1; ; number += 1) {
    console.log('tick ' + number);
    await sleep(40);
  }
}
for (let number = 1; number <= Number(lines); number += 1) {
  console.log(id + '.' + attempt + ' ' + number);
  if (number % 10 === 0) console.error('warning ' + number);
  if (Number(pauseMs) > 0) await sleep(Number(pauseMs));
}
const codes = exits.split(',').map(Number);
process.exitCode = codes[Math.min(attempt, codes.length) - 1];
`;

/** What one attempt of a one-shot step prints, by stream. */
export function expectedOutput(step: RandomStep, attempt: number): { stdout: string[]; stderr: string[] } {
  const numbers = Array.from({ length: step.lines }, (_, index) => index + 1);
  return {
    stdout: numbers.map((number) => `${step.id}.${attempt} ${number}`),
    stderr: numbers.filter((number) => number % 10 === 0).map((number) => `warning ${number}`),
  };
}

/** How each step ends when nobody interferes: the rules of docs/suites.md, "Order", written a second time. */
export function expectedEnds(suite: RandomSuite): Map<string, ExpectedStep> {
  const ends = new Map<string, ExpectedStep>();
  const statusOf = (id: string) => ends.get(id)?.status;
  const mayFail = new Set(suite.steps.filter((step) => step.continueOnFailure).map(({ id }) => id));
  for (const step of suite.steps) {
    const isIdle = step.onFailure.length > 0 && !step.onFailure.some((id) => statusOf(id) === 'failed');
    const isBlocked = step.after.some(
      (id) => statusOf(id) === 'skipped' || (statusOf(id) === 'failed' && !mayFail.has(id)),
    );
    if (isIdle || isBlocked) ends.set(step.id, { status: 'skipped', attempts: 0 });
    else
      ends.set(step.id, {
        status: step.exits.at(-1) === 0 ? 'passed' : 'failed',
        attempts: step.exits.length,
      });
  }
  return ends;
}
