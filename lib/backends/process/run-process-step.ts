import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { LogPosition, OutputLine } from '../../model/log-line';
import type { Logger } from '../../model/logger';
import type { StepSpec } from '../../model/step-spec';
import { type StepOutcome, type StepWatch, StopRequest } from '../backend';
import { hangFolderBell } from './folder-bell';
import { chunkBytes, openOutputReader } from './output-reader';
import { type GroupLeader, signalGroup } from './process-group';
import { outcomeOf, readStop, type Stop, writeStop } from './step-end';
import { findEnd, killGroup } from './step-program';
import { createReadiness } from './step-readiness';
import type { Surroundings } from './step-surroundings';

export interface RunningStep {
  step: StepSpec;
  folder: string;
  leader: GroupLeader;
  surroundings: Surroundings;
}

/** A step that prints more is stopped: its output is kept in files until the execution ends. */
const maxOutputBytes = 1_073_741_824;
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
  { step, folder, leader, surroundings }: RunningStep,
  watch: StepWatch,
): Promise<StepOutcome | null> {
  const over = new AbortController();
  const letGo = new AbortController();
  const bell = hangFolderBell({ clock, logger }, folder);
  const output = await openOutputReader({ clock }, folder);
  const readiness = createReadiness({ clock }, { step, surroundings }, watch, bell.ring, over.signal);
  const isNew = skipDelivered(watch.resumeAfter);
  let stop = await readStop(folder);
  let stopping: Promise<void> | null = null;
  const stopFailures: unknown[] = [];

  async function stopProgram(request: Stop, graceMs: number): Promise<void> {
    if ((await findEnd(folder, leader)) !== null) return;
    watch.onPhase({ name: 'stopping', detail: null });
    stop = request;
    await writeStop(folder, request);
    await signalGroup(leader, 'SIGTERM');
    await clock.sleep(graceMs, over.signal);
    if (over.signal.aborted || (await findEnd(folder, leader)) !== null) return;
    await killProgram({ ...request, reason: `killed by SIGKILL after ${graceMs / 1_000} s of grace` });
  }

  async function killProgram(request: Stop): Promise<void> {
    stop = request;
    await writeStop(folder, request);
    await endGroup({ clock }, step, leader);
    bell.ring();
  }

  function beginStop(request: Stop, graceMs: number): void {
    stopping ??= stopProgram(request, graceMs);
    stopping.catch((error: unknown) => {
      stopFailures.push(error);
      bell.ring();
    });
  }

  function onAbort(): void {
    const request: unknown = watch.signal.reason;
    const { why, graceMs } =
      request instanceof StopRequest ? request : new StopRequest('cancelled', step.node.graceMs);
    if (why === 'handed_over') letGo.abort();
    else beginStop({ ended: 'stopped', reason: null }, graceMs);
    bell.ring();
  }

  async function deliver(lines: OutputLine[]): Promise<void> {
    readiness.feed(lines);
    const all = [...readiness.takeTranscript(), ...lines.filter(isNew)];
    if (all.length > 0 && !letGo.signal.aborted) await watch.onLines(all);
  }

  try {
    watch.onRunning();
    if (watch.signal.aborted) onAbort();
    else watch.signal.addEventListener('abort', onAbort, { once: true });
    let end = await findEnd(folder, leader);
    if (end === null) {
      readiness.begin((reason) => beginStop({ ended: 'not_ready', reason }, step.node.graceMs));
    }
    for (;;) {
      if (stopFailures.length > 0) throw stopFailures[0];
      const { lines, bytes } = await output.read();
      await deliver(lines);
      if (letGo.signal.aborted) return null;
      if (bytes > 0) {
        if (end === null && (await output.printedBytes()) > maxOutputBytes) {
          await killProgram({ ended: 'exited', reason: 'killed: it printed more than 1 GiB' });
        }
        if (bytes > muchBytes) bell.mute();
        if (end === null && bytes < chunkBytes) await clock.sleep(readPauseMs, letGo.signal);
      } else if (end !== null) {
        break;
      } else {
        end = await findEnd(folder, leader);
        if (end === null) await bell.rung();
        else await endGroup({ clock }, step, leader);
      }
    }
    over.abort();
    await stopping;
    await deliver(output.flush());
    return outcomeOf(step, end, stop);
  } finally {
    over.abort();
    watch.signal.removeEventListener('abort', onAbort);
    bell.close();
    await output.close();
  }
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
