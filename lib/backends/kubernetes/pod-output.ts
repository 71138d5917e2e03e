import type { LogPosition } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import { type LogSink, readLog } from './log-reader';
import { companionContainer, mainContainer, type Pod } from './objects';
import { endOfStderr } from './pod-scripts';
import type { RunContext } from './run-context';

/**
 * Both streams of a step's program, to their ends: its stdout is the log of its container, its stderr that of the
 * companion. A program that is the image's own is not wrapped: all that it prints comes as stdout. Resolves when every
 * line is delivered.
 */
export async function readPodOutput(
  context: RunContext,
  step: StepSpec,
  { metadata: { namespace, name: pod } }: Pod,
  resumeAfter: LogPosition,
  ended: Promise<unknown>,
  { signal, ...sink }: LogSink & { signal: AbortSignal },
): Promise<void> {
  const stdout = { namespace, pod, container: mainContainer, stream: 'stdout' as const, endMark: null };
  const stderr = {
    namespace,
    pod,
    container: companionContainer,
    stream: 'stderr' as const,
    endMark: endOfStderr,
  };
  await Promise.all([
    readLog(context, stdout, resumeAfter.stdout, sink, ended, signal),
    step.node.command === null ? null : readLog(context, stderr, resumeAfter.stderr, sink, ended, signal),
  ]);
  await sink.delivery.flush();
}
