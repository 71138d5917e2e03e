import type { LogPosition, OutputLine } from '../../model/log-line';
import type { LineDelivery } from '../line-delivery';
import type { FrameStream } from './frames';

/** How far the output of an attempt has come, whichever way it is read. */
export interface OutputProgress {
  /** After the last line that was delivered, also by an earlier call. */
  readonly position: Readonly<LogPosition>;
  /** Lines that were seen by whoever looks for a text in them. */
  readonly seen: Readonly<Record<FrameStream, number>>;
  see(stream: FrameStream, lines: OutputLine[]): void;
  /** `lines` have one stream or are in the order of the engine. */
  deliver(lines: OutputLine[]): void;
}

export function createOutputProgress(
  resumeAfter: LogPosition,
  delivery: LineDelivery,
  onEveryLine: (lines: OutputLine[]) => void,
): OutputProgress {
  const position = { ...resumeAfter };
  const seen = { stdout: 0, stderr: 0 };
  return {
    position,
    seen,
    see(stream, lines) {
      seen[stream] += lines.length;
      if (lines.length > 0) onEveryLine(lines);
    },
    deliver(lines) {
      for (const { stream } of lines) if (stream !== 'system') position[stream] += 1;
      delivery.push(lines);
    },
  };
}
