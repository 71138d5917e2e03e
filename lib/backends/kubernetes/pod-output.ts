import type { LogPosition } from '../../model/log-line';
import type { StepSpec } from '../../model/step-spec';
import { countedAnnotation } from './log-marks';
import { readLog } from './log-reader';
import type { LogSink } from './log-reading';
import { companionContainer, containerOf, mainContainer, type Pod } from './objects';
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
  found: Pod,
  { stdout, stderr, ends }: LogPosition,
  ended: Promise<unknown>,
  { signal, needsAll, ...sink }: LogSink & { signal: AbortSignal; needsAll: boolean },
): Promise<void> {
  const { namespace, name: pod, annotations } = found.metadata;
  const isCounted = annotations[countedAnnotation] !== undefined;
  const hasInnerTimes = await context.version.hasInnerTimes();
  const read = (container: string, stream: 'stdout' | 'stderr', endMark: string | null, lines: number) =>
    readLog(
      context,
      {
        ...{ namespace, pod, container, stream, endMark, hasInnerTimes, isCounted },
        startedMs: startOf(found, container),
      },
      { lines, end: ends?.[stream], needsAll },
      sink,
      ended,
      signal,
    );
  await Promise.all([
    read(mainContainer, 'stdout', null, stdout),
    step.node.command === null ? null : read(companionContainer, 'stderr', endOfStderr, stderr),
  ]);
  await sink.delivery.flush();
}

function startOf(pod: Pod, container: string): number | null {
  const { running, terminated } = containerOf(pod, container)?.state ?? {};
  const startedAt = running?.startedAt ?? terminated?.startedAt;
  return startedAt == null ? null : Date.parse(startedAt);
}
