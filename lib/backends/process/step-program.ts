import { type SpawnOptions, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { leftProcessSeconds } from '../left-processes';
import { wrapperShell } from './can-run-on-process';
import {
  type GroupLeader,
  isAlive,
  liveMembers,
  parseProcessState,
  sendSignal,
  signalGroup,
  sourcesOf,
} from './process-group';
import { readIfThere, writtenAt } from './scratch';
import type { StepEnvironment } from './step-environment';

/**
 * Leads the step's process group, outlives Gantry and writes down what Gantry must know when it comes back: who
 * leads the group, that the program has started, and its exit code. The hard link decides between two that were
 * started for one attempt. The trap is a handler, because an ignored signal would be inherited. `started` is
 * written by the program's own process, once it has no trap any more: a signal that is sent earlier would be
 * lost. After the program's end a signal must not keep the exit code from being written. What the program has left
 * running has the given seconds to end by itself, unless Gantry stops the step: then it has the grace time. The wait has
 * its own number in a file, so that Gantry does not wait for it. What the shell itself says of the end is nothing that
 * the step has printed.
 */
const wrapper = `
trap : TERM INT HUP QUIT
gantry_folder=$1
gantry_left=$2
shift 2
if [ -r "/proc/$$/stat" ]; then IFS= read -r gantry_leader < "/proc/$$/stat"
else gantry_leader=$(command -p ps -o pid=,pgid=,stat=,lstart= -p $$); fi
printf '%s\\n' "$gantry_leader" > "$gantry_folder/leader.$$"
command -p ln "$gantry_folder/leader.$$" "$gantry_folder/leader" 2>/dev/null || exit 0
exec 4>&2 2>/dev/null
(: > "$gantry_folder/started"; exec "$@" 2>&4 4>&-)
gantry_code=$?
trap '' TERM INT HUP QUIT
printf '%s\\n' "$gantry_code" > "$gantry_folder/exit.$$"
command -p mv "$gantry_folder/exit.$$" "$gantry_folder/exit"
[ -e "$gantry_folder/stop.json" ] && exit
[ "$gantry_left" = 0 ] && kill -KILL 0
command -p sleep "$gantry_left" >/dev/null 2>&1 4>&- &
printf '%s\\n' "$!" > "$gantry_folder/wait"
wait
[ -e "$gantry_folder/stop.json" ] || kill -KILL 0
`;

const startLimitMs = 10_000;

/** A step that prints more is stopped: its output is kept in files until the execution ends. */
export const maxOutputBytes = 1_073_741_824;

/**
 * Starts the program of an attempt. Harmless when it has been started already. Without a recorder the program writes to
 * a file for each stream.
 */
export async function startProgram(
  step: StepSpec,
  folder: string,
  { env, cwd, argv }: StepEnvironment,
  recorder: string | null,
): Promise<void> {
  const leftSeconds = String(leftProcessSeconds(step.node));
  const words = [wrapperShell(env), '-c', wrapper, 'gantry-step', folder, leftSeconds, ...argv];
  try {
    if (recorder === null) await spawnWritingFiles(folder, words, { env, cwd });
    else {
      const recorded = [recorder, folder, String(maxOutputBytes), ...words];
      await spawnDetached(recorded, { env, cwd, stdio: 'ignore' });
    }
  } catch (error) {
    const why = `Step ${step.stepId} could not be started: ${messageOf(error)}`;
    throw new AppError('backend_failed', why, { cause: error });
  }
}

async function spawnWritingFiles(
  folder: string,
  words: string[],
  options: Pick<SpawnOptions, 'env' | 'cwd'>,
): Promise<void> {
  const stdout = await open(path.join(folder, 'stdout.log'), 'a', 0o600);
  const stderr = await open(path.join(folder, 'stderr.log'), 'a', 0o600);
  try {
    await spawnDetached(words, { ...options, stdio: ['ignore', stdout.fd, stderr.fd] });
  } finally {
    await Promise.all([stdout.close(), stderr.close()]);
  }
}

function spawnDetached([program = '', ...rest]: string[], options: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(/*turbopackIgnore: true*/ program, rest, { ...options, detached: true });
    child.once('spawn', resolve);
    child.once('error', reject);
    child.unref();
  });
}

/** Resolves with the group's leader once a signal reaches the program itself, or when it has ended already. */
export async function whenStarted(
  { clock }: { clock: Clock },
  step: StepSpec,
  folder: string,
): Promise<GroupLeader> {
  const deadlineMs = clock.monotonicMs() + startLimitMs;
  for (;;) {
    const leader = await findLeader(folder);
    if (leader && (await hasStarted(folder))) return leader;
    if (leader && (await findEnd(folder, leader)) !== null) return leader;
    if (clock.monotonicMs() > deadlineMs) break;
    await clock.sleep(5);
  }
  throw new AppError('backend_failed', `Step ${step.stepId} did not start within ${startLimitMs / 1_000} s.`);
}

/** Finds the leader of an attempt's process group, started by this process or an earlier one; null when it was not started. */
export async function findLeader(folder: string): Promise<GroupLeader | null> {
  const line = await readIfThere(path.join(folder, 'leader'));
  const state = line === null ? null : parseProcessState(line);
  return state && { pid: state.pid, startedAt: state.startedAt };
}

/** The program's exit code, `lost` when it is gone without one, null while it runs. */
export async function findEnd(folder: string, leader: GroupLeader): Promise<number | 'lost' | null> {
  const before = await readExitCode(folder);
  if (before !== null) return before;
  if (await isAlive(leader)) return null;
  return (await readExitCode(folder)) ?? 'lost';
}

/** Pipelines have so long to see the end of their input. */
const filterMs = 600;
const memberPauseMs = 50;

/**
 * Resolves with true once the program and all of its group have ended, with false when the time is over. Processes that
 * read from a pipe get SIGTERM once nobody else is left for a moment.
 */
export async function groupEndsWithin(
  { clock }: { clock: Clock },
  folder: string,
  leader: GroupLeader,
  limitMs: number,
): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  let onlyFiltersSinceMs: number | null = null;
  for (;;) {
    const hasEnded = (await findEnd(folder, leader)) !== null;
    const left = (await liveMembers(leader)).filter((pid) => pid !== leader.pid);
    if (hasEnded && left.length === 0) return true;
    const nowMs = clock.monotonicMs();
    if (nowMs >= deadlineMs) return false;
    if (hasEnded && (await sourcesOf(left)).length === 0) {
      onlyFiltersSinceMs ??= nowMs;
      if (nowMs - onlyFiltersSinceMs >= filterMs) for (const pid of left) sendSignal(pid, 'SIGTERM');
    }
    await clock.sleep(Math.min(memberPauseMs, deadlineMs - nowMs));
  }
}

/** Resolves once everything that an ended program has left running has ended, or when the time is over. */
export async function leftProcessesEnd(
  { clock }: { clock: Clock },
  folder: string,
  leader: GroupLeader,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal },
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (let pauseMs = 2; !signal.aborted; pauseMs = Math.min(memberPauseMs, pauseMs * 2)) {
    const wait = Number((await readIfThere(path.join(folder, 'wait'))) ?? 0);
    const left = (await liveMembers(leader)).filter((pid) => pid !== leader.pid && pid !== wait);
    const leftMs = deadlineMs - clock.monotonicMs();
    if (left.length === 0 || leftMs <= 0) return;
    await clock.sleep(Math.min(pauseMs, leftMs), signal);
  }
}

/** Kills what is left of the group and resolves with those who would not go within 5 s. */
export async function killGroup({ clock }: { clock: Clock }, leader: GroupLeader): Promise<number[]> {
  const deadlineMs = clock.monotonicMs() + 5_000;
  for (let pauseMs = 2; ; pauseMs = Math.min(100, pauseMs * 2)) {
    await signalGroup(leader, 'SIGKILL');
    const left = await liveMembers(leader);
    if (left.length === 0 || clock.monotonicMs() > deadlineMs) return left;
    await clock.sleep(pauseMs);
  }
}

async function readExitCode(folder: string): Promise<number | null> {
  const text = await readIfThere(path.join(folder, 'exit'));
  return text === null ? null : Number.parseInt(text, 10);
}

/** When the exit code was written. Null if the program was killed together with its shell and left none. */
export function endedAt(folder: string): Promise<number | null> {
  return writtenAt(path.join(folder, 'exit'));
}

async function hasStarted(folder: string): Promise<boolean> {
  return (await readIfThere(path.join(folder, 'started'))) !== null;
}
