import { isDeepStrictEqual } from 'node:util';
import Docker from 'dockerode';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution, ExecutionSummary, Step } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import type { ReportSummary } from '@/lib/model/report';
import { isTestSummary } from '@/lib/model/report-kind';
import { type ControlPlane, makeControlPlane } from './control-plane';
import { type DockerWitness, watchDocker } from './docker-witness';
import { untilEnded } from './ended';
import { pause } from './faults';
import { type PrintedLines, type PrintedOutput, watchPrintedOutput } from './printed-output';
import type { Random } from './random';
import type { Say } from './slow-fault';

export interface Example {
  suiteId: string;
  profile: string;
  rounds: number;
  /** The step whose number of attempts is left to chance. */
  flaky: string | null;
  /** What the attempts of its steps print when that is known beforehand; else Docker is asked. */
  printed: PrintedLines | null;
}

interface Witnesses {
  docker: DockerWitness;
  /** Null when it is not asked: then what was printed is not kept either. */
  output: PrintedOutput | null;
}

/** `kill -9` at random moments of example suites. Answers what was not as in a run that nobody disturbed. */
export async function killDuringExamples(
  random: Random,
  say: Say,
  examples: readonly Example[],
): Promise<string[]> {
  const docker = new Docker();
  await buildToolbox({ docker, log: () => undefined });
  const plane = await makeControlPlane('examples', { DATABASE_URL: '' });
  const witness = watchDocker(docker);
  const problems: string[] = [];
  try {
    await plane.start();
    for (const example of examples) {
      const output = example.printed ? null : await watchPrintedOutput(docker);
      const witnesses = { docker: witness, output };
      const startedAtMs = performance.now();
      const expected = await runOnce(plane, witnesses, example, null);
      problems.push(...expected.problems);
      const tookMs = performance.now() - startedAtMs;
      for (let round = 1; round <= example.rounds; round += 1) {
        const afterMs = random.whole(0, Math.round(tookMs));
        const got = await runOnce(plane, witnesses, example, afterMs);
        const found = [...got.problems];
        if (!isDeepStrictEqual(got.end, expected.end))
          found.push(`it ended otherwise: ${JSON.stringify(got.end)}, not ${JSON.stringify(expected.end)}`);
        const what = `${example.suiteId} ${round} of ${example.rounds}, killed after ${afterMs} ms`;
        say(`${what}: ${got.lines} lines, ${found.length === 0 ? 'as it should be' : 'WRONG'}`);
        for (const problem of found) say(`  ${problem}`);
        problems.push(...found.map((problem) => `${what}: ${problem}`));
      }
      output?.close();
    }
    return problems;
  } finally {
    witness.close();
    await plane.close();
  }
}

async function runOnce(
  plane: ControlPlane,
  witnesses: Witnesses,
  { suiteId, profile, flaky, printed }: Example,
  killAfterMs: number | null,
) {
  const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId, profile });
  if (killAfterMs !== null) {
    await pause(killAfterMs);
    await plane.kill();
    await plane.start();
  }
  const execution = await untilEnded(plane, id);
  const log = await checkLog(
    plane,
    execution,
    async (stepId, attempt) => printed ?? (await witnesses.output?.linesOf(id, stepId, attempt)) ?? null,
  );
  return {
    lines: log.lines,
    problems: [...log.problems, ...(await checkContainers(witnesses.docker, execution))],
    end: {
      status: execution.status,
      cause: execution.cause,
      left: execution.receipt?.left,
      steps: execution.steps.map((step) => endOf(step, step.id === flaky)),
    },
  };
}

/** What must not depend on whether a run was disturbed. */
function endOf({ id, status, result, attempts, reports }: Step, isFlaky: boolean) {
  const last = reports.filter(({ attempt }) => attempt === attempts.length).map(countsOf);
  return {
    id,
    status,
    exitCode: result?.exitCode,
    reports: last,
    attempts: isFlaky ? null : attempts.length,
  };
}

function countsOf(report: ReportSummary) {
  return isTestSummary(report)
    ? `${report.path}: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`
    : `${report.path}: ${report.linesCovered} of ${report.linesTotal}`;
}

async function checkContainers(docker: DockerWitness, { id, steps }: Execution): Promise<string[]> {
  const startsOf = (stepId: string, attempt: number) =>
    docker.starts().get(`${id} ${stepId} ${attempt}`) ?? 0;
  const wrong = steps.flatMap((step) =>
    step.attempts.flatMap(({ number }) =>
      startsOf(step.id, number) === 1
        ? []
        : [`attempt ${number} of ${step.id} was started ${startsOf(step.id, number)} times`],
    ),
  );
  return [...wrong, ...(await docker.left(new Set([id]))).map((each) => `left behind: ${each}`)];
}

/** Every line that was printed is stored once and in its place, and no other. */
async function checkLog(
  plane: ControlPlane,
  { id, steps }: Execution,
  printedBy: (stepId: string, attempt: number) => Promise<PrintedLines | null>,
): Promise<{ lines: number; problems: string[] }> {
  const problems: string[] = [];
  const open = new Map<string, { printed: readonly string[]; stored: number }>();
  for (const step of steps) {
    for (const { number } of step.attempts) {
      const printed = await printedBy(step.id, number);
      if (!printed) problems.push(`nobody saw what attempt ${number} of ${step.id} printed`);
      for (const stream of ['stdout', 'stderr'] as const)
        open.set(`${step.id} ${number} ${stream}`, { printed: printed?.[stream] ?? [], stored: 0 });
    }
  }
  const wrong = new Set<string>();
  let last = 0;
  for (;;) {
    const { items }: { items: LogLine[] } = await plane.api.get(
      `/api/v1/executions/${id}/logs?limit=5000&after=${last}`,
    );
    if (items.length === 0) break;
    for (const { seq, stepId, attempt, stream, text } of items) {
      if (seq !== last + 1) problems.push(`line ${seq} follows line ${last}`);
      last = seq;
      // What Gantry says itself: it probes again after an adoption.
      if (stream === 'system') continue;
      const key = `${stepId} ${attempt} ${stream}`;
      const place = open.get(key);
      if (!place) {
        problems.push(`a line of ${key}, which never ran: ${text}`);
        continue;
      }
      if (place.printed[place.stored] !== text && !wrong.has(key)) {
        wrong.add(key);
        const expected = JSON.stringify(place.printed[place.stored]);
        problems.push(`line ${place.stored + 1} of ${key} is ${JSON.stringify(text)}, expected ${expected}`);
      }
      place.stored += 1;
    }
  }
  for (const [key, { printed, stored }] of open)
    if (stored !== printed.length)
      problems.push(`${stored} lines of ${key} are stored, ${printed.length} were printed`);
  return { lines: last, problems };
}

/** What `suites/chatty/print.mjs` prints. */
export function chattyOutput(count: number): PrintedLines {
  const stdout = Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const word = number % 1000 === 0 ? 'checkpoint' : 'line';
    return `${word} ${String(number).padStart(7, '0')} of ${count} `.padEnd(100, 'abcdefghij');
  });
  return { stdout, stderr: [] };
}
