import type { LogPosition } from '../model/log-line';
import type { StepSpec } from '../model/step-spec';
import type { LogStore } from '../store/store';
import type { LogChecks } from './log-checks';

export interface ResumePoint {
  position: LogPosition;
  /** Of the execution: no line of the attempt comes after it. */
  lastSeq: number;
  /** Characters of the attempt that are stored: they count against its limit. */
  keptBytes: number;
}

/** Where an adopted attempt's output goes on. The lines that are stored already are shown to its log rules. */
export async function readResumePoint(
  logs: LogStore,
  checks: LogChecks,
  { executionId, stepId, attempt, node }: StepSpec,
): Promise<ResumePoint> {
  const lastSeq = await logs.lastSeq(executionId);
  if (node.expectLogs.length + node.failOnLogs.length > 0) {
    for (let after = 0; after < lastSeq; ) {
      const page = await logs.read(executionId, after, 5_000, { stepId, attempt });
      checks.see(page.lines);
      if (page.scannedTo <= after) break;
      after = page.scannedTo;
    }
  }
  const { size, ...position } = await logs.position(executionId, stepId, attempt);
  return { position, lastSeq, keptBytes: size };
}
