import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { type GroupLeader, isAlive, liveMembers, parseProcessState, signalGroup } from './process-group';
import { readIfThere } from './scratch';
import type { Surroundings } from './step-surroundings';

/**
 * Leads the step's process group, outlives Gantry and writes down what Gantry must know when it comes back: who
 * leads the group, that the program has started, and its exit code. The hard link decides between two that were
 * started for one attempt. The trap is a handler, because an ignored signal would be inherited. `started` is
 * written by the program's own process, once it has no trap any more: a signal that is sent earlier would be
 * lost. After the program's end a signal must not keep the exit code from being written.
 */
const wrapper = `
trap : TERM INT HUP QUIT
gantry_folder=$1
shift
if [ -r "/proc/$$/stat" ]; then IFS= read -r gantry_leader < "/proc/$$/stat"
else gantry_leader=$(command -p ps -o pid=,pgid=,stat=,lstart= -p $$); fi
printf '%s\\n' "$gantry_leader" > "$gantry_folder/leader.$$"
command -p ln "$gantry_folder/leader.$$" "$gantry_folder/leader" 2>/dev/null || exit 0
(: > "$gantry_folder/started"; exec "$@")
gantry_code=$?
trap '' TERM INT HUP QUIT
printf '%s\\n' "$gantry_code" > "$gantry_folder/exit.$$"
command -p mv "$gantry_folder/exit.$$" "$gantry_folder/exit"
kill -KILL 0
`;

const startLimitMs = 10_000;

/** Starts the program of an attempt. Harmless when it has been started already. */
export async function startProgram(
  step: StepSpec,
  folder: string,
  { env, cwd, argv }: Surroundings,
): Promise<void> {
  const stdout = await open(path.join(folder, 'stdout.log'), 'a', 0o600);
  const stderr = await open(path.join(folder, 'stderr.log'), 'a', 0o600);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', wrapper, 'gantry-step', folder, ...argv], {
        cwd,
        env,
        detached: true,
        stdio: ['ignore', stdout.fd, stderr.fd],
      });
      child.once('spawn', resolve);
      child.once('error', reject);
      child.unref();
    });
  } catch (error) {
    const why = `Step ${step.stepId} could not be started: ${messageOf(error)}`;
    throw new AppError('backend_failed', why, { cause: error });
  } finally {
    await Promise.all([stdout.close(), stderr.close()]);
  }
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

/** Who leads the group of an attempt that was started, now or in an earlier life; null when it was not. */
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

async function hasStarted(folder: string): Promise<boolean> {
  return (await readIfThere(path.join(folder, 'started'))) !== null;
}
