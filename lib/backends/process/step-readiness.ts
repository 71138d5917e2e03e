import { execFile } from 'node:child_process';
import type { Clock } from '../../clock';
import type { OutputLine, UnfinishedLine } from '../../model/log-line';
import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { createLogWatcher } from '../log-watcher';
import type { ProbeTarget } from '../probes';
import { probeUntilReady } from '../readiness';
import type { StepEnvironment } from './step-environment';

export interface StepReadiness {
  /** For steps that stay up; `onFailure` gets the reason when the time is over. */
  begin(onFailure: (reason: string) => void): void;
  /** Every line of output, also those of an earlier call. */
  feed(lines: readonly OutputLine[]): void;
  /** A line that has no end yet. */
  feedUnfinished(line: UnfinishedLine): void;
  /** What the probe has said since the last call, as lines of the step. */
  takeTranscript(): OutputLine[];
}

/** `onTranscript` tells that there is something to take. `signal` ends with the step. */
export function createReadiness(
  { clock }: { clock: Clock },
  { step, stepEnvironment }: { step: StepSpec; stepEnvironment: StepEnvironment },
  watch: StepWatch,
  onTranscript: () => void,
  signal: AbortSignal,
): StepReadiness {
  const { kind, ready: rule } = step.node;
  const log = createLogWatcher(rule);
  const target: ProbeTarget = {
    address: async (port) => ({ host: '127.0.0.1', port: ownPort(step, stepEnvironment, port) }),
    exec: (argv, stop) => execute(stepEnvironment, argv, stop),
    health: async () => ({ status: 'none', message: '' }),
    log,
  };
  let transcript: OutputLine[] = [];

  async function probe(onFailure: (reason: string) => void): Promise<void> {
    const stopped = AbortSignal.any([signal, watch.signal]);
    if (!rule) {
      if (!stopped.aborted) watch.onReady();
      return;
    }
    const readiness = await probeUntilReady({ clock }, rule, target, {
      signal: stopped,
      onTranscript(text) {
        transcript.push({ stream: 'system', atMs: clock.now().getTime(), text });
        onTranscript();
      },
      onPhase: (detail) => watch.onPhase({ name: 'probing', detail }),
    });
    if (stopped.aborted) return;
    if (readiness.ready) watch.onReady();
    else if (readiness.reason !== null) onFailure(readiness.reason);
  }

  return {
    begin(onFailure) {
      if (staysUp(kind)) void probe(onFailure);
    },
    feed: (lines) => log?.feed(lines),
    feedUnfinished: (line) => log?.feedUnfinished(line),
    takeTranscript() {
      const taken = transcript;
      transcript = [];
      return taken;
    },
  };
}

/** The port at which this process reaches what the step declares as `port`. */
function ownPort(step: StepSpec, { ports }: StepEnvironment, port: number): number {
  const allocated = ports[step.stepId]?.[port];
  if (allocated === undefined) throw new Error(`port ${port} is not among the ports of ${step.stepId}`);
  return allocated;
}

function execute(
  { env, cwd }: StepEnvironment,
  [program = '', ...rest]: string[],
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env,
      signal,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 65_536,
    };
    execFile(/*turbopackIgnore: true*/ program, rest, options, (error, stdout, stderr) => {
      const [output = ''] = `${stdout}${stderr}`.trim().split('\n');
      if (!error) resolve({ exitCode: 0, output });
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, output });
      else reject(error);
    });
  });
}
