import { type Clock, untilAborted } from '../../clock';
import type { OutputLine } from '../../model/log-line';
import type { AheadStage } from '../../model/prepared-step';
import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import { selectArtifacts } from '../artifact-selection';
import { type StepOutcome, type StepWatch, StopRequest } from '../backend';
import { killedAfter } from '../supervise-program';
import type { FakeProgram } from './fake-program';

interface Stop {
  ended: 'stopped' | 'not_ready';
  reason: string | null;
}

/** Follows a program, running or ended, to its end or until it is handed over. */
export async function watchFakeProgram(
  { clock }: { clock: Clock },
  step: StepSpec,
  { program, outcome, from }: { program: FakeProgram; outcome: StepOutcome | null; from?: AheadStage },
  watch: StepWatch,
): Promise<{ outcome: StepOutcome; isFinal: boolean }> {
  const over = new AbortController();
  const detach = new AbortController();
  let stop: Stop | null = null;

  async function stopProgram(request: Stop, graceMs: number): Promise<void> {
    if (stop || program.end()) return;
    stop = request;
    watch.onPhase({ name: 'stopping', detail: null });
    program.terminate();
    await clock.sleep(graceMs, over.signal);
    if (program.end()) return;
    stop.reason = killedAfter(graceMs, [step.node.command?.join(' ') ?? 'its command']);
    program.kill();
  }

  async function answerProbe(): Promise<void> {
    const { readyAfterMs = 0 } = program.script;
    const { ready, graceMs } = step.node;
    const dueMs = program.startedAtMs + (readyAfterMs ?? ready?.timeoutMs ?? 0) - clock.now().getTime();
    if (dueMs > 0) await clock.sleep(dueMs, over.signal);
    if (over.signal.aborted || watch.signal.aborted || program.end()) return;
    if (readyAfterMs !== null) return watch.onReady();
    await stopProgram({ ended: 'not_ready', reason: 'the scripted probe never answered' }, graceMs);
  }

  function onAbort(): void {
    const request: unknown = watch.signal.reason;
    const { why, graceMs } =
      request instanceof StopRequest ? request : new StopRequest('cancelled', step.node.graceMs);
    if (why === 'detached') detach.abort();
    else void stopProgram({ ended: 'stopped', reason: null }, graceMs);
  }

  watch.onRunning(from);
  if (watch.signal.aborted) onAbort();
  else watch.signal.addEventListener('abort', onAbort, { once: true });
  if (staysUp(step.node.kind) && !outcome) void answerProbe();
  try {
    await deliverLines(program, watch, detach.signal);
    if (program.script.endToldAfterMs) await clock.sleep(program.script.endToldAfterMs, detach.signal);
    if (detach.signal.aborted) return { outcome: handedOver, isFinal: false };
    over.abort();
    await deliverArtifacts(step, program, watch);
    return { outcome: outcome ?? outcomeOf(program, stop), isFinal: true };
  } finally {
    over.abort();
    watch.signal.removeEventListener('abort', onAbort);
  }
}

async function deliverLines(program: FakeProgram, watch: StepWatch, detach: AbortSignal): Promise<void> {
  const lettingGo = untilAborted(detach);
  const skip = { stdout: watch.resumeAfter?.stdout ?? 0, stderr: watch.resumeAfter?.stderr ?? 0 };
  let shown: string | null = null;
  for (let read = 0; !detach.aborted; ) {
    const change = program.nextChange();
    const ended = program.end();
    const lines = program.output.slice(read).filter((line) => !isDelivered(line, skip));
    read = program.output.length;
    const unfinished = program.unfinished();
    if (unfinished !== null && unfinished !== shown)
      watch.onUnfinished?.({ stream: 'stdout', text: unfinished });
    shown = unfinished;
    if (lines.length > 0) await watch.onLines(lines);
    else if (ended) return;
    else await Promise.race([change, lettingGo]);
  }
}

function isDelivered(line: OutputLine, skip: { stdout: number; stderr: number }): boolean {
  if (line.stream === 'system' || skip[line.stream] === 0) return false;
  skip[line.stream] -= 1;
  return true;
}

async function deliverArtifacts(step: StepSpec, program: FakeProgram, watch: StepWatch): Promise<void> {
  const files = program.script.artifacts ?? {};
  for (const { path, format } of selectArtifacts(Object.keys(files), step.node.exports)) {
    const bytes = Buffer.from(files[path] ?? '');
    await watch.onArtifact({ path, format, bytes: bytes.length, content: onlyChunk(bytes) });
  }
}

async function* onlyChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function outcomeOf(program: FakeProgram, stop: Stop | null): StepOutcome {
  const end = program.end();
  return {
    ended: stop?.ended ?? 'exited',
    exitCode: end?.exitCode ?? null,
    signal: end?.signal ?? null,
    oomKilled: program.script.oomKilled ?? false,
    ...(end ? { endedAtMs: end.atMs } : {}),
    reason: stop?.reason ?? program.script.reason ?? null,
    warnings: program.script.warnings ?? [],
    ...(program.script.image ? { image: program.script.image } : {}),
  };
}

const handedOver: StepOutcome = {
  ended: 'stopped',
  exitCode: null,
  signal: null,
  oomKilled: false,
  reason: 'handed over to another control plane',
  warnings: [],
};
