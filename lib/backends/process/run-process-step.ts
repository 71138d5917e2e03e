import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { LogPosition, OutputLine } from '../../model/log-line';
import type { Logger } from '../../model/logger';
import type { StepSpec } from '../../model/step-spec';
import { type StepOutcome, type StepWatch, StopRequest } from '../backend';
import { diskWarnings, untilOverDisk } from '../disk-limit';
import { leftProcessSeconds } from '../left-processes';
import { findScriptProblem } from '../program-problem';
import { killedAfter } from '../supervise-program';
import { createUnfinishedLines } from '../unfinished-lines';
import { measureFolder } from './disk';
import { machineFiles } from './machine-files';
import { chunkBytes, openOutputReader } from './output-reader';
import { commandsOf, type GroupLeader, liveMembers, signalSources } from './process-group';
import { outcomeOf, readStop, type Stop, writeStop } from './step-end';
import type { StepEnvironment } from './step-environment';
import {
  endedAt,
  findEnd,
  groupEndsWithin,
  killGroup,
  leftProcessesEnd,
  maxOutputBytes,
} from './step-program';
import { createReadiness } from './step-readiness';
import { watchFolder } from './watch-folder';

export interface RunningStep {
  step: StepSpec;
  folder: string;
  leader: GroupLeader;
  stepEnvironment: StepEnvironment;
}

/** Between two reads of a step that goes on printing: fewer, larger deliveries. */
const readPauseMs = 10;
/** A step that prints so much between two reads would ring the bell thousands of times for nothing. */
const muchBytes = 16_384;

/**
 * Follows a program, running or ended, until it has ended and everything that it printed is delivered. Null when
 * it was handed over before.
 */
export async function followProgram(
  { clock, logger }: { clock: Clock; logger: Logger },
  { step, folder, leader, stepEnvironment }: RunningStep,
  watch: StepWatch,
): Promise<StepOutcome | null> {
  const over = new AbortController();
  const detach = new AbortController();
  const folderWatch = watchFolder({ clock, logger }, folder);
  const readiness = createReadiness(
    { clock },
    { step, stepEnvironment },
    watch,
    folderWatch.wake,
    over.signal,
  );
  const unfinished = createUnfinishedLines({ clock }, (line) => {
    readiness.feedUnfinished(line);
    watch.onUnfinished?.(line);
  });
  const output = await openOutputReader({ clock }, { folder, leader }, unfinished.push);
  const isNew = skipDelivered(watch.resumeAfter);
  let stop = await readStop(folder);
  let stopping: Promise<void> | null = null;
  let isStopOver = false;
  let notices: OutputLine[] = [];
  const stopFailures: unknown[] = [];
  const limitMs = 1_000 * leftProcessSeconds(step.node);

  function say(text: string): void {
    notices.push({ stream: 'system', atMs: clock.now().getTime(), text });
    folderWatch.wake();
  }

  async function stopProgram(request: Stop, graceMs: number): Promise<void> {
    if ((await findEnd(folder, leader)) !== null) return;
    watch.onPhase({ name: 'stopping', detail: null });
    say(`stopping with SIGTERM, ${graceMs / 1_000} s of grace`);
    stop = request;
    await writeStop(folder, request);
    await signalSources(leader, 'SIGTERM');
    if (await groupEndsWithin({ clock }, folder, leader, graceMs)) return;
    const left = (await liveMembers(leader)).filter((pid) => pid !== leader.pid);
    await killProgram({ ...request, reason: killedAfter(graceMs, await commandsOf(left)) });
  }

  async function killProgram(request: Stop): Promise<void> {
    if (request.reason !== null) say(request.reason);
    stop = request;
    await writeStop(folder, request);
    await endGroup({ clock }, step, leader);
    folderWatch.wake();
  }

  function beginStop(request: Stop, graceMs: number): void {
    stopping ??= stopProgram(request, graceMs).finally(() => {
      isStopOver = true;
      folderWatch.wake();
    });
    stopping.catch((error: unknown) => stopFailures.push(error));
  }

  function onAbort(): void {
    const request: unknown = watch.signal.reason;
    const { why, graceMs } =
      request instanceof StopRequest ? request : new StopRequest('cancelled', step.node.graceMs);
    if (why === 'detached') detach.abort();
    else beginStop({ ended: 'stopped', reason: null }, graceMs);
    folderWatch.wake();
  }

  async function endOverDisk(): Promise<void> {
    const reason = await untilOverDisk({ clock }, step.node, () => measureFolder(folder), over.signal);
    stopping ??= killProgram({ ended: 'exited', reason }).finally(() => {
      isStopOver = true;
      folderWatch.wake();
    });
    stopping.catch((error: unknown) => stopFailures.push(error));
  }

  async function endLeftProcesses(): Promise<void> {
    if (stop === null) await leftProcessesEnd({ clock }, folder, leader, { limitMs, signal: watch.signal });
    await endGroup({ clock }, step, leader);
  }

  async function deliver(lines: OutputLine[]): Promise<void> {
    readiness.feed(lines);
    const all = [...readiness.takeTranscript(), ...notices, ...lines.filter(isNew)];
    notices = [];
    if (all.length > 0 && !detach.signal.aborted) await watch.onLines(all);
  }

  try {
    watch.onRunning();
    if (watch.signal.aborted) onAbort();
    else watch.signal.addEventListener('abort', onAbort, { once: true });
    let end = await findEnd(folder, leader);
    if (end === null) {
      readiness.begin((reason) => beginStop({ ended: 'not_ready', reason }, step.node.graceMs));
    }
    if (end === null) void endOverDisk();
    // What a stop leaves running for its grace time is not killed by whoever comes back.
    if (end !== null && stop === null) await endLeftProcesses();
    if (end !== null) await output.end();
    for (;;) {
      if (stopFailures.length > 0) throw stopFailures[0];
      const { lines, bytes } = await output.read();
      await deliver(lines);
      if (detach.signal.aborted) return null;
      if (bytes > 0) {
        if (end === null && (await output.printedBytes()) >= maxOutputBytes) {
          await killProgram({ ended: 'exited', reason: 'killed: it printed more than 1 GiB' });
        }
        if (bytes > muchBytes) folderWatch.pause();
        if (end === null && bytes < chunkBytes) await clock.sleep(readPauseMs, detach.signal);
      } else if (end !== null) {
        if (await output.isWhole()) break;
        await clock.sleep(readPauseMs, detach.signal);
      } else {
        const code = await findEnd(folder, leader);
        // What a stop leaves running for its grace time may still print.
        if (code === null || (stopping && !isStopOver)) await folderWatch.next();
        else {
          await endLeftProcesses();
          await output.end();
          end = code;
        }
      }
    }
    over.abort();
    await stopping;
    await deliver(output.flush());
    const outcome = outcomeOf(step, end, stop);
    const endedAtMs = await endedAt(folder);
    if (endedAtMs !== null) outcome.endedAtMs = endedAtMs;
    outcome.reason ??= await scriptProblem(stepEnvironment, outcome.exitCode);
    if (stop === null) outcome.warnings.push(...(await diskWarnings(step.node, () => measureFolder(folder))));
    return outcome;
  } finally {
    over.abort();
    watch.signal.removeEventListener('abort', onAbort);
    folderWatch.close();
    unfinished.stop();
    await output.close();
  }
}

async function scriptProblem(
  { argv: [, option, script], cwd }: StepEnvironment,
  exitCode: number | null,
): Promise<string | null> {
  if (option !== '-c' || script === undefined || (exitCode !== 126 && exitCode !== 127)) return null;
  const problem = await findScriptProblem(machineFiles, { script, folder: cwd, exitCode });
  return problem?.sentence ?? null;
}

/** Children that the program left behind. Afterwards nobody writes to the files any more. */
async function endGroup({ clock }: { clock: Clock }, step: StepSpec, leader: GroupLeader): Promise<void> {
  const left = await killGroup({ clock }, leader);
  if (left.length === 0) return;
  throw new AppError(
    'backend_failed',
    `Step ${step.stepId}: the processes ${left.join(', ')} do not end, not even by SIGKILL.`,
  );
}

/** By counting: the lines depend on the bytes alone. */
function skipDelivered(resumeAfter: LogPosition | undefined): (line: OutputLine) => boolean {
  const skip = { stdout: resumeAfter?.stdout ?? 0, stderr: resumeAfter?.stderr ?? 0 };
  return ({ stream }) => {
    if (stream === 'system' || skip[stream] === 0) return true;
    skip[stream] -= 1;
    return false;
  };
}
